"""Payments between banks: pacs.008 (credit transfer), pacs.002 (status), pacs.004 (return), pacs.028 (status request).

Usage follows the CBPR+ and FedNow guidelines where they agree: one payment a message, charges shared by service level,
settlement by the clearing.
"""

from apps.rails.domain.messages import (
    CreditTransfer,
    PaymentReturn,
    StatusReport,
    StatusRequest,
)
from apps.rails.iso20022.pieces import (
    Tree,
    at,
    group,
    money,
    needed,
    only,
    original,
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

_CLEARING: Tree = {"NbOfTxs": "1", "SttlmInf": {"SttlmMtd": "CLRG"}}


def write_credit_transfer(message: CreditTransfer) -> Tree:
    payment = {
        "PmtId": {"EndToEndId": message.end_to_end_id, "UETR": message.uetr},
        "IntrBkSttlmAmt": money(message.amount),
        "IntrBkSttlmDt": message.settlement_date and message.settlement_date.isoformat(),
        "ChrgBr": "SLEV",
        **party(message.debtor, "Dbtr"),
        **party(message.creditor, "Cdtr"),
        "RmtInf": remittance(message.reference),
    }
    head = group(message.message_id, message.created_at) | _CLEARING
    return {"FIToFICstmrCdtTrf": {"GrpHdr": head, "CdtTrfTxInf": [payment]}}


def read_credit_transfer(tree: Tree) -> CreditTransfer:
    body = tree["FIToFICstmrCdtTrf"]
    payment = only(body, "CdtTrfTxInf")
    return CreditTransfer(
        message_id=body["GrpHdr"]["MsgId"],
        created_at=read_instant(body["GrpHdr"]["CreDtTm"]),
        end_to_end_id=payment["PmtId"]["EndToEndId"],
        uetr=needed(payment, "PmtId/UETR"),
        amount=read_money(payment, "IntrBkSttlmAmt"),
        debtor=read_party(payment, "Dbtr"),
        creditor=read_party(payment, "Cdtr"),
        settlement_date=read_date(at(payment, "IntrBkSttlmDt")),
        reference=read_remittance(payment),
    )


def write_status_report(message: StatusReport) -> Tree:
    status = {
        **original(message.original),
        "TxSts": message.status,
        "StsRsnInf": why(message.reason, message.text),
    }
    head = group(message.message_id, message.created_at)
    return {"FIToFIPmtStsRpt": {"GrpHdr": head, "TxInfAndSts": [status]}}


def read_status_report(tree: Tree) -> StatusReport:
    body = tree["FIToFIPmtStsRpt"]
    status = only(body, "TxInfAndSts")
    reason, text = read_why(status, "StsRsnInf")
    return StatusReport(
        message_id=body["GrpHdr"]["MsgId"],
        created_at=read_instant(body["GrpHdr"]["CreDtTm"]),
        original=read_original(status),
        status=needed(status, "TxSts"),
        reason=reason,
        text=text,
    )


def write_return(message: PaymentReturn) -> Tree:
    returned = {
        "RtrId": message.return_id,
        **original(message.original),
        "RtrdIntrBkSttlmAmt": money(message.amount),
        "IntrBkSttlmDt": message.settlement_date and message.settlement_date.isoformat(),
        "RtrRsnInf": why(message.reason, message.text),
    }
    head = group(message.message_id, message.created_at) | _CLEARING
    return {"PmtRtr": {"GrpHdr": head, "TxInf": [returned]}}


def read_return(tree: Tree) -> PaymentReturn:
    body = tree["PmtRtr"]
    returned = only(body, "TxInf")
    reason, text = read_why(returned, "RtrRsnInf")
    return PaymentReturn(
        message_id=body["GrpHdr"]["MsgId"],
        created_at=read_instant(body["GrpHdr"]["CreDtTm"]),
        return_id=needed(returned, "RtrId"),
        original=read_original(returned),
        amount=read_money(returned, "RtrdIntrBkSttlmAmt"),
        reason=reason or "NARR",
        text=text,
        settlement_date=read_date(at(returned, "IntrBkSttlmDt")),
    )


def write_status_request(message: StatusRequest) -> Tree:
    head = group(message.message_id, message.created_at)
    return {"FIToFIPmtStsReq": {"GrpHdr": head, "TxInf": [original(message.original)]}}


def read_status_request(tree: Tree) -> StatusRequest:
    body = tree["FIToFIPmtStsReq"]
    return StatusRequest(
        message_id=body["GrpHdr"]["MsgId"],
        created_at=read_instant(body["GrpHdr"]["CreDtTm"]),
        original=read_original(only(body, "TxInf")),
    )
