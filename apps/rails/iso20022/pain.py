"""Requests for payment: pain.013 (the creditor asks the debtor for money) and pain.014 (what became of that)."""

from datetime import UTC, datetime
from typing import Any

from apps.kernel.clock import rfc3339
from apps.rails.domain.messages import PaymentRequest, PaymentRequestAnswer
from apps.rails.iso20022.pieces import (
    Tree,
    at,
    group,
    money,
    needed,
    only,
    party,
    read_date,
    read_instant,
    read_money,
    read_original,
    read_party,
    read_remittance,
    read_why,
    remittance,
    why,
)
from apps.rails.iso20022.refused import RefusedXml


def write_request(message: PaymentRequest) -> Tree:
    transfer = {
        "PmtId": {"EndToEndId": message.end_to_end_id, "UETR": message.uetr},
        "Amt": {"InstdAmt": money(message.amount)},
        "ChrgBr": "SLEV",
        **party(message.creditor, "Cdtr"),
        "RmtInf": remittance(message.reference),
    }
    request = {
        "PmtInfId": message.message_id,
        "PmtMtd": "TRF",
        "ReqdExctnDt": {"Dt": message.execute_on.isoformat()},
        "XpryDt": message.expires_at and {"DtTm": rfc3339(message.expires_at)},
        **party(message.debtor, "Dbtr"),
        "CdtTrfTx": [transfer],
    }
    head = {
        **group(message.message_id, message.created_at),
        "NbOfTxs": "1",
        "InitgPty": {"Nm": message.creditor.name},
    }
    return {"CdtrPmtActvtnReq": {"GrpHdr": head, "PmtInf": [request]}}


def read_request(tree: Tree) -> PaymentRequest:
    body = tree["CdtrPmtActvtnReq"]
    request = only(body, "PmtInf")
    transfer = only(request, "CdtTrfTx")
    asked_for = request["ReqdExctnDt"]
    execute_on = read_date(at(asked_for, "Dt") or at(asked_for, "DtTm"))
    if execute_on is None:
        raise RefusedXml("not_supported", "ReqdExctnDt is needed.")
    return PaymentRequest(
        message_id=body["GrpHdr"]["MsgId"],
        created_at=read_instant(body["GrpHdr"]["CreDtTm"]),
        end_to_end_id=transfer["PmtId"]["EndToEndId"],
        uetr=needed(transfer, "PmtId/UETR"),
        amount=read_money(transfer, "Amt/InstdAmt"),
        debtor=read_party(request, "Dbtr"),
        creditor=read_party(transfer, "Cdtr"),
        execute_on=execute_on,
        expires_at=_read_expiry(at(request, "XpryDt")),
        reference=read_remittance(transfer),
    )


def _read_expiry(expiry: Any) -> datetime | None:
    """A date alone means its end."""
    if at(expiry, "DtTm"):
        return read_instant(expiry["DtTm"])
    day = read_date(at(expiry, "Dt"))
    if day is None:
        return None
    return datetime(day.year, day.month, day.day, 23, 59, 59, 999000, tzinfo=UTC)


def write_request_answer(message: PaymentRequestAnswer) -> Tree:
    about = message.original
    status = {
        "OrgnlEndToEndId": about.end_to_end_id,
        "OrgnlUETR": about.uetr,
        "TxSts": message.status,
        "StsRsnInf": why(message.reason, message.text),
    }
    head = {
        **group(message.message_id, message.created_at),
        "InitgPty": {"Nm": message.from_name},
    }
    return {
        "CdtrPmtActvtnReqStsRpt": {
            "GrpHdr": head,
            "OrgnlGrpInfAndSts": {
                "OrgnlMsgId": about.message_id,
                "OrgnlMsgNmId": about.message_type,
            },
            "OrgnlPmtInfAndSts": [{"OrgnlPmtInfId": about.message_id, "TxInfAndSts": [status]}],
        }
    }


def read_request_answer(tree: Tree) -> PaymentRequestAnswer:
    body = tree["CdtrPmtActvtnReqStsRpt"]
    status = only(only(body, "OrgnlPmtInfAndSts"), "TxInfAndSts")
    about = read_original(status | {"OrgnlGrpInf": body["OrgnlGrpInfAndSts"]})
    reason, text = read_why(status, "StsRsnInf")
    return PaymentRequestAnswer(
        message_id=body["GrpHdr"]["MsgId"],
        created_at=read_instant(body["GrpHdr"]["CreDtTm"]),
        from_name=needed(body, "GrpHdr/InitgPty/Nm"),
        original=about,
        status=needed(status, "TxSts"),
        reason=reason,
        text=text,
    )
