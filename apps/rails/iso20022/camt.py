"""What is asked back: camt.056 (money), camt.055 (a request for payment), and camt.029, the answer to both."""

from apps.kernel.clock import rfc3339
from apps.rails.domain.messages import CancellationRequest, RecallAnswer, RecallRequest
from apps.rails.iso20022.pieces import (
    Tree,
    agent,
    at,
    money,
    needed,
    only,
    original,
    read_agent,
    read_instant,
    read_money,
    read_original,
    read_why,
    why,
)


def _assignment(message: RecallRequest | CancellationRequest | RecallAnswer) -> Tree:
    return {
        "Id": message.message_id,
        "Assgnr": {"Agt": agent(message.from_bank)},
        "Assgne": {"Agt": agent(message.to_bank)},
        "CreDtTm": rfc3339(message.created_at),
    }


def write_recall(message: RecallRequest) -> Tree:
    payment = {
        **original(message.original),
        "OrgnlIntrBkSttlmAmt": money(message.amount),
        "CxlRsnInf": why(message.reason, message.text),
    }
    return {
        "FIToFIPmtCxlReq": {
            "Assgnmt": _assignment(message),
            "Case": {"Id": message.case_id, "Cretr": {"Agt": agent(message.from_bank)}},
            "Undrlyg": [{"TxInf": [payment]}],
        }
    }


def read_recall(tree: Tree) -> RecallRequest:
    body = tree["FIToFIPmtCxlReq"]
    assignment = body["Assgnmt"]
    payment = only(only(body, "Undrlyg"), "TxInf")
    reason, text = read_why(payment, "CxlRsnInf")
    return RecallRequest(
        message_id=assignment["Id"],
        created_at=read_instant(assignment["CreDtTm"]),
        from_bank=read_agent(assignment, "Assgnr/Agt"),
        to_bank=read_agent(assignment, "Assgne/Agt"),
        case_id=at(body, "Case/Id") or assignment["Id"],
        original=read_original(payment),
        amount=read_money(payment, "OrgnlIntrBkSttlmAmt"),
        reason=reason or "NARR",
        text=text,
    )


def write_cancellation(message: CancellationRequest) -> Tree:
    about = message.original
    request = {
        # A pain.013 of ours has one request, whose id is the message's (see pain.py).
        "OrgnlPmtInfId": about.message_id,
        "OrgnlGrpInf": {"OrgnlMsgId": about.message_id, "OrgnlMsgNmId": about.message_type},
        "TxInf": [
            {
                "OrgnlEndToEndId": about.end_to_end_id,
                "OrgnlUETR": about.uetr,
                "OrgnlInstdAmt": money(message.amount),
                "CxlRsnInf": why(message.reason, message.text),
            }
        ],
    }
    return {
        "CstmrPmtCxlReq": {
            "Assgnmt": _assignment(message),
            "Case": {"Id": message.case_id, "Cretr": {"Agt": agent(message.from_bank)}},
            "Undrlyg": [{"OrgnlPmtInfAndCxl": [request]}],
        }
    }


def read_cancellation(tree: Tree) -> CancellationRequest:
    body = tree["CstmrPmtCxlReq"]
    assignment = body["Assgnmt"]
    request = only(only(body, "Undrlyg"), "OrgnlPmtInfAndCxl")
    transfer = only(request, "TxInf")
    reason, text = read_why(transfer, "CxlRsnInf")
    return CancellationRequest(
        message_id=assignment["Id"],
        created_at=read_instant(assignment["CreDtTm"]),
        from_bank=read_agent(assignment, "Assgnr/Agt"),
        to_bank=read_agent(assignment, "Assgne/Agt"),
        case_id=at(body, "Case/Id") or assignment["Id"],
        original=read_original(transfer | {"OrgnlGrpInf": needed(request, "OrgnlGrpInf")}),
        amount=read_money(transfer, "OrgnlInstdAmt"),
        reason=reason or "NARR",
        text=text,
    )


def write_recall_answer(message: RecallAnswer) -> Tree:
    payment = {
        "RslvdCase": {"Id": message.case_id, "Cretr": {"Agt": agent(message.to_bank)}},
        **original(message.original),
        "CxlStsRsnInf": why(message.reason, message.text),
    }
    return {
        "RsltnOfInvstgtn": {
            "Assgnmt": _assignment(message),
            "Sts": {"Conf": message.answer},
            "CxlDtls": [{"TxInfAndSts": [payment]}],
        }
    }


def read_recall_answer(tree: Tree) -> RecallAnswer:
    body = tree["RsltnOfInvstgtn"]
    assignment = body["Assgnmt"]
    payment = only(only(body, "CxlDtls"), "TxInfAndSts")
    reason, text = read_why(payment, "CxlStsRsnInf")
    return RecallAnswer(
        message_id=assignment["Id"],
        created_at=read_instant(assignment["CreDtTm"]),
        from_bank=read_agent(assignment, "Assgnr/Agt"),
        to_bank=read_agent(assignment, "Assgne/Agt"),
        case_id=needed(payment, "RslvdCase/Id"),
        original=read_original(payment),
        answer=needed(body, "Sts/Conf"),
        reason=reason,
        text=text,
    )
