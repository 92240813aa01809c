"""Application.xml (OneApp “Proposal” 3.0) → the same parts of a form as Application.json has, when that is missing.

Only what a case is made from, read by the last part of each element's name: the five namespaces say nothing more.
"""

from typing import Any
from xml.etree.ElementTree import Element

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from cases.faults import Fault
from cases.intake.incoming import NotReadable


def read_xml(body: bytes) -> dict[str, Any]:
    """Raises NotReadable for what is no XML, or holds entities or a document type of its own."""
    try:
        root = fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise NotReadable(
            "The form could not be read.", [Fault("/Application.xml", "is not XML to be read")]
        ) from error
    header, data = _child(root, "ApplicationHeader"), _child(root, "ApplicationData")
    payment = _child(header, "Payment")
    return _without_gaps(
        {
            "applicationHeader": {
                "dateSubmitted": _text(header, "DateSubmitted"),
                "formattedRefNum": _text(header, "FormattedRefNum"),
                "refNum": _text(header, "RefNum"),
                "applicationVersion": _number(_text(header, "ApplicationVersion")),
                "description": _text(header, "Description"),
                "payment": {
                    "amountDue": _number(_text(payment, "AmountDue")),
                    "amountPaid": _number(_text(payment, "AmountPaid")),
                },
            },
            "applicationScenario": {
                "scenarioNumber": _number(_text(_child(root, "ApplicationScenario"), "ScenarioNumber"))
            },
            "applicationData": {
                "applicant": _person(_child(root, "Applicant")),
                "agent": _person(_child(root, "Agent")),
                "siteLocation": _site(_child(root, "SiteLocation")),
                "siteArea": _area(_find(data, "SiteArea")),
                "proposalDescription": _proposal(_child(data, "ProposalDescription")),
                "ownershipCertificates": _certificate(_find(data, "OwnershipCertificates")),
            },
            "documentList": [_file(one) for one in _all(_child(root, "FileAttachments"), "FileAttachment")],
        }
    )


def _person(element: Element | None) -> dict[str, Any] | None:
    if element is None:
        return None
    lines = [line.text or "" for line in _all(element, "IntAddressLine")]
    return {
        "title": _text(element, "PersonNameTitle"),
        "personGivenName": _text(element, "PersonGivenName"),
        "personFamilyName": _text(element, "PersonFamilyName"),
        "orgName": _text(element, "OrgName"),
        **{f"intAddressLine{number}": line for number, line in enumerate(lines, start=1)},
        "country": _text(element, "Country"),
        "internationalPostCode": _text(element, "InternationalPostCode"),
        "emailAddress": _text(element, "EmailAddress"),
        "telNationalNumber": _text(element, "TelNationalNumber"),
    }


def _site(element: Element | None) -> dict[str, Any] | None:
    if element is None:
        return None
    start = _find(element, "StartRange")
    paon = _find(element, "PAON")
    return {
        "bs7666Number": _text(start, "Number"),
        "bs7666Suffix": _text(start, "Suffix"),
        "bs7666Description": _text(paon, "Description"),
        "bs7666StreetDescription": _text(element, "StreetDescription"),
        "bs7666Locality": _text(element, "Locality"),
        "bs7666Town": _text(element, "Town"),
        "bs7666PostCode": _text(element, "PostCode"),
        "bs7666UniquePropertyReferenceNumber": _text(element, "UniquePropertyReferenceNumber"),
        "bs7666X": _number(_text(element, "X")),
        "bs7666Y": _number(_text(element, "Y")),
    }


def _area(element: Element | None) -> dict[str, Any] | None:
    if element is None:
        return None
    return {"siteArea": _number((element.text or "").strip()), "areaUnit": element.get("AreaUnit", "")}


def _proposal(element: Element | None) -> dict[str, Any] | None:
    if element is None:
        return None
    return {
        "descriptionText": _text(element, "DescriptionText"),
        "proposalStarted": _text(element, "ProposalStarted") in ("1", "true"),
        "proposalCompleted": _text(element, "ProposalCompleted") in ("1", "true"),
    }


def _certificate(element: Element | None) -> dict[str, Any] | None:
    if element is None:
        return None
    chosen = next((name for name in "ABCD" if _find(element, f"Certificate{name}") is not None), "")
    return {"certificateSelected": f"Certificate{chosen}"} if chosen else None


def _file(element: Element) -> dict[str, Any]:
    return {
        "name": _text(element, "Reference"),
        "fileName": _text(element, "FileName"),
        "description": _text(element, "Description"),
        "documentType": _text(element, "Reference"),
    }


# --- Elements by the last part of their names ------------------------------------------------------------------------


def _last(element: Element) -> str:
    return str(element.tag).rsplit("}", 1)[-1]


def _child(element: Element | None, name: str) -> Element | None:
    return None if element is None else next((one for one in element if _last(one) == name), None)


def _all(element: Element | None, name: str) -> list[Element]:
    return [] if element is None else [one for one in element.iter() if _last(one) == name]


def _find(element: Element | None, name: str) -> Element | None:
    return next(iter(_all(element, name)), None)


def _text(element: Element | None, name: str) -> str:
    found = _find(element, name)
    return "" if found is None else (found.text or "").strip()


def _number(text: str) -> float | int | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return int(number) if number.is_integer() else number


def _without_gaps(value: Any) -> Any:
    """Without members that say nothing, as if they had not been there."""
    if isinstance(value, dict):
        return {key: _without_gaps(item) for key, item in value.items() if item not in (None, "")}
    return [_without_gaps(item) for item in value] if isinstance(value, list) else value
