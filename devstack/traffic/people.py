"""Invented people: plausible names, example.com addresses and 555-01xx numbers, which reach nobody."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

_GIVEN = (
    "Abena Adil Aiko Alba Amara Anders Beatriz Bilal Bruno Carmen Chidi Dalia Dario Edith Elio Emre "
    "Farah Felix Freya Gia Goran Hana Hugo Imani Ines Ivo Jana Jonas Juno Kaia Kofi Lena Leo Lucia "
    "Malik Mara Mateo Mina Nadia Nils Noor Olga Omar Paloma Petra Quinn Rafael Rania Rosa Samir Selma "
    "Tariq Thea Tomas Uma Vera Viktor Wanda Yara Zeno"
).split()
_FAMILY = (
    "Abara Alder Arroyo Balint Barrow Becker Calder Castellan Chandra Corvin Dahl Demir Dorsey Ekholm "
    "Fairfax Farouk Ferreira Galvan Gruber Hadley Halloran Ibarra Ilves Jansen Kadir Keller Kimura "
    "Lindqvist Lorca Marchetti Mbeki Merrow Nakai Novak Okafor Orellana Pascal Petrov Quiroga Rahimi "
    "Rossi Sandoval Sato Silva Tanaka Thorne Umar Valdez Varga Wexler Winter Yilmaz Zander"
).split()
# Each area code carries the hundred numbers 555-0100 to 555-0199 that are reserved for fiction.
_AREAS = (201, 206, 212, 303, 312, 404, 415, 503, 512, 617, 702, 713)


@dataclass(frozen=True)
class Person:
    """What an enrolment needs."""

    name: str
    email: str
    phone: str


def invented(chance: random.Random, *, first_number: int = 1) -> Iterator[Person]:
    """People for ever; the number in the address makes each of them somebody else."""
    number = first_number
    while True:
        given, family = chance.choice(_GIVEN), chance.choice(_FAMILY)
        area = _AREAS[number // 100 % len(_AREAS)]
        yield Person(
            name=f"{given} {family}",
            email=f"{given}.{family}.{number}@example.com".lower(),
            phone=f"+1{area}55501{number % 100:02d}",
        )
        number += 1
