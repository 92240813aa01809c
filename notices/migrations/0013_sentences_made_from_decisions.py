"""The sentence that decides is made from the decision. What was typed in its place is no longer printed.

Nothing is rewritten: revisions and issued notices cannot be, and templates and drafts read the same way
(notices/wording/restructured.py) until they are saved again. Each sentence that is passed over and was a council's own
is named, and the page of a notice names it too.
"""

import json

import wagtail.fields
from django.db import migrations

from notices.wording.restructured import typed_sentences

TEMPLATES = """
SELECT t.name, coalesce(c.name, 'shared by all councils'), t.body, t.authority_id IS NULL AND NOT t.is_customised
FROM notices_noticetemplate t LEFT JOIN accounts_localauthority c ON c.id = t.authority_id ORDER BY t.name, t.id
"""
DRAFTS = """
SELECT a.reference, r.content ->> 'body'
FROM notices_decisionnotice n JOIN cases_planningapplication a ON a.id = n.application_id
JOIN wagtailcore_revision r ON r.id = n.latest_revision_id
WHERE NOT n.live ORDER BY a.reference
"""


def stored(body):
    return json.loads(body) if isinstance(body, str) else body or []


def name_what_was_typed(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(TEMPLATES)
        templates = cursor.fetchall()
        cursor.execute(DRAFTS)
        drafts = cursor.fetchall()
    shipped = {words for *_, body, is_shipped in templates if is_shipped for words in typed_sentences(stored(body))}
    own = [
        *(
            (f"Notice template “{name}” ({council})", body)
            for name, council, body, is_shipped in templates
            if not is_shipped
        ),
        *((f"The draft notice of {reference}", body) for reference, body in drafts),
    ]
    for what, body in own:
        for words in typed_sentences(stored(body)):
            if words not in shipped:
                print(f"\n    {what}: “{words}” is no longer printed; the sentence is made from the decision.", end="")


class Migration(migrations.Migration):
    dependencies = [
        ("notices", "0012_name_corrections_dated_anew"),
    ]

    operations = [
        migrations.RunPython(name_what_was_typed, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="decisionnotice",
            name="body",
            field=wagtail.fields.StreamField(
                [
                    ("title", 2),
                    ("heading", 3),
                    ("paragraph", 4),
                    ("decision", 5),
                    ("certification", 6),
                    ("granted_part", 9),
                    ("refused_part", 9),
                    ("facts", 12),
                    ("conditions", 15),
                    ("reasons", 15),
                    ("informatives", 15),
                    ("plans", 15),
                    ("limits", 15),
                    ("statement", 19),
                    ("appeal", 23),
                    ("site_plan", 25),
                    ("signature", 26),
                    ("page_break", 27),
                ],
                block_lookup={
                    0: (
                        "notices.wording.blocks.MergeChar",
                        (),
                        {"help_text": "For example: Certificate of lawful use or development.", "max_length": 200},
                    ),
                    1: (
                        "notices.wording.blocks.MergeChar",
                        (),
                        {
                            "default": "{{ legislation }}",
                            "help_text": "The act under which it is given.",
                            "max_length": 400,
                            "required": False,
                        },
                    ),
                    2: ("wagtail.blocks.StructBlock", [[("title", 0), ("law", 1)]], {}),
                    3: (
                        "notices.wording.blocks.MergeChar",
                        (),
                        {"icon": "title", "max_length": 160, "template": "notices/blocks/heading.html"},
                    ),
                    4: (
                        "notices.wording.blocks.MergeRichText",
                        (),
                        {"icon": "pilcrow", "template": "notices/blocks/paragraph.html"},
                    ),
                    5: ("notices.wording.blocks.DecisionBlock", (), {}),
                    6: ("notices.wording.blocks.CertificationBlock", (), {}),
                    7: ("notices.wording.blocks.MergeChar", (), {"max_length": 160}),
                    8: (
                        "notices.wording.blocks.MergeRichText",
                        (),
                        {"help_text": "Which part it is. Stands after the sentence that decides.", "required": False},
                    ),
                    9: ("wagtail.blocks.StructBlock", [[("heading", 7), ("text", 8)]], {}),
                    10: ("notices.wording.blocks.MergeChar", (), {"default": "The application", "max_length": 120}),
                    11: (
                        "wagtail.blocks.MultipleChoiceBlock",
                        [],
                        {
                            "choices": [
                                ("reference", "Reference"),
                                ("application_type", "Type of application"),
                                ("applicant_name", "Applicant"),
                                ("agent_name", "Agent"),
                                ("site_address", "Site"),
                                ("uprn", "Unique property reference number"),
                                ("description", "Description"),
                                ("received_date", "Received"),
                                ("valid_date", "Valid from"),
                                ("expiry_date", "To be decided by"),
                                ("consultation_end_date", "Consultation ended"),
                                ("committee_date", "Committee"),
                                ("parent_reference", "Earlier permission"),
                                ("extension_depth", "Depth beyond the rear wall"),
                                ("extension_height", "Greatest height"),
                                ("extension_eaves", "Height of the eaves"),
                                ("decision_date", "Date of this notice"),
                            ],
                            "help_text": "Facts that the case does not have are left out.",
                        },
                    ),
                    12: ("wagtail.blocks.StructBlock", [[("caption", 10), ("facts", 11)]], {}),
                    13: ("notices.wording.blocks.MergeChar", (), {"max_length": 120}),
                    14: ("notices.wording.blocks.MergeRichText", (), {"required": False}),
                    15: ("wagtail.blocks.StructBlock", [[("heading", 13), ("introduction", 14)]], {}),
                    16: (
                        "wagtail.blocks.ChoiceBlock",
                        [],
                        {
                            "choices": [
                                ("first_schedule", "First schedule: what is certified"),
                                ("second_schedule", "Second schedule: the land"),
                                ("bng", "Biodiversity net gain"),
                                ("proactive", "Working with the applicant"),
                                ("purchase_notice", "Purchase notice"),
                                ("compensation", "Compensation"),
                                ("other", "Other"),
                            ]
                        },
                    ),
                    17: ("notices.wording.blocks.MergeChar", (), {"max_length": 160, "required": False}),
                    18: ("notices.wording.blocks.MergeRichText", (), {}),
                    19: ("wagtail.blocks.StructBlock", [[("kind", 16), ("heading", 17), ("text", 18)]], {}),
                    20: (
                        "wagtail.blocks.ChoiceBlock",
                        [],
                        {
                            "choices": [
                                ("refusal", "Against the refusal"),
                                ("conditions", "Against conditions"),
                                ("part", "Against the part that was not granted"),
                            ]
                        },
                    ),
                    21: (
                        "notices.wording.blocks.MergeChar",
                        (),
                        {"default": "Your right to appeal", "max_length": 160},
                    ),
                    22: (
                        "notices.wording.blocks.MergeRichText",
                        (),
                        {
                            "help_text": "Stands after the sentence that names the act and the time limit.",
                            "required": False,
                        },
                    ),
                    23: ("wagtail.blocks.StructBlock", [[("kind", 20), ("heading", 21), ("text", 22)]], {}),
                    24: ("notices.wording.blocks.MergeChar", (), {"default": "The land, edged red", "max_length": 160}),
                    25: ("wagtail.blocks.StructBlock", [[("caption", 24)]], {}),
                    26: (
                        "wagtail.blocks.static_block.StaticBlock",
                        (),
                        {
                            "admin_text": "Who signs, with the date of the notice.",
                            "icon": "edit",
                            "template": "notices/blocks/signature.html",
                        },
                    ),
                    27: (
                        "wagtail.blocks.static_block.StaticBlock",
                        (),
                        {
                            "admin_text": "A new page begins here.",
                            "icon": "minus",
                            "template": "notices/blocks/page_break.html",
                        },
                    ),
                },
            ),
        ),
        migrations.AlterField(
            model_name="noticetemplate",
            name="body",
            field=wagtail.fields.StreamField(
                [
                    ("title", 2),
                    ("heading", 3),
                    ("paragraph", 4),
                    ("decision", 5),
                    ("certification", 6),
                    ("granted_part", 9),
                    ("refused_part", 9),
                    ("facts", 12),
                    ("conditions", 15),
                    ("reasons", 15),
                    ("informatives", 15),
                    ("plans", 15),
                    ("limits", 15),
                    ("statement", 19),
                    ("appeal", 23),
                    ("site_plan", 25),
                    ("signature", 26),
                    ("page_break", 27),
                ],
                block_lookup={
                    0: (
                        "notices.wording.blocks.MergeChar",
                        (),
                        {"help_text": "For example: Certificate of lawful use or development.", "max_length": 200},
                    ),
                    1: (
                        "notices.wording.blocks.MergeChar",
                        (),
                        {
                            "default": "{{ legislation }}",
                            "help_text": "The act under which it is given.",
                            "max_length": 400,
                            "required": False,
                        },
                    ),
                    2: ("wagtail.blocks.StructBlock", [[("title", 0), ("law", 1)]], {}),
                    3: (
                        "notices.wording.blocks.MergeChar",
                        (),
                        {"icon": "title", "max_length": 160, "template": "notices/blocks/heading.html"},
                    ),
                    4: (
                        "notices.wording.blocks.MergeRichText",
                        (),
                        {"icon": "pilcrow", "template": "notices/blocks/paragraph.html"},
                    ),
                    5: ("notices.wording.blocks.DecisionBlock", (), {}),
                    6: ("notices.wording.blocks.CertificationBlock", (), {}),
                    7: ("notices.wording.blocks.MergeChar", (), {"max_length": 160}),
                    8: (
                        "notices.wording.blocks.MergeRichText",
                        (),
                        {"help_text": "Which part it is. Stands after the sentence that decides.", "required": False},
                    ),
                    9: ("wagtail.blocks.StructBlock", [[("heading", 7), ("text", 8)]], {}),
                    10: ("notices.wording.blocks.MergeChar", (), {"default": "The application", "max_length": 120}),
                    11: (
                        "wagtail.blocks.MultipleChoiceBlock",
                        [],
                        {
                            "choices": [
                                ("reference", "Reference"),
                                ("application_type", "Type of application"),
                                ("applicant_name", "Applicant"),
                                ("agent_name", "Agent"),
                                ("site_address", "Site"),
                                ("uprn", "Unique property reference number"),
                                ("description", "Description"),
                                ("received_date", "Received"),
                                ("valid_date", "Valid from"),
                                ("expiry_date", "To be decided by"),
                                ("consultation_end_date", "Consultation ended"),
                                ("committee_date", "Committee"),
                                ("parent_reference", "Earlier permission"),
                                ("extension_depth", "Depth beyond the rear wall"),
                                ("extension_height", "Greatest height"),
                                ("extension_eaves", "Height of the eaves"),
                                ("decision_date", "Date of this notice"),
                            ],
                            "help_text": "Facts that the case does not have are left out.",
                        },
                    ),
                    12: ("wagtail.blocks.StructBlock", [[("caption", 10), ("facts", 11)]], {}),
                    13: ("notices.wording.blocks.MergeChar", (), {"max_length": 120}),
                    14: ("notices.wording.blocks.MergeRichText", (), {"required": False}),
                    15: ("wagtail.blocks.StructBlock", [[("heading", 13), ("introduction", 14)]], {}),
                    16: (
                        "wagtail.blocks.ChoiceBlock",
                        [],
                        {
                            "choices": [
                                ("first_schedule", "First schedule: what is certified"),
                                ("second_schedule", "Second schedule: the land"),
                                ("bng", "Biodiversity net gain"),
                                ("proactive", "Working with the applicant"),
                                ("purchase_notice", "Purchase notice"),
                                ("compensation", "Compensation"),
                                ("other", "Other"),
                            ]
                        },
                    ),
                    17: ("notices.wording.blocks.MergeChar", (), {"max_length": 160, "required": False}),
                    18: ("notices.wording.blocks.MergeRichText", (), {}),
                    19: ("wagtail.blocks.StructBlock", [[("kind", 16), ("heading", 17), ("text", 18)]], {}),
                    20: (
                        "wagtail.blocks.ChoiceBlock",
                        [],
                        {
                            "choices": [
                                ("refusal", "Against the refusal"),
                                ("conditions", "Against conditions"),
                                ("part", "Against the part that was not granted"),
                            ]
                        },
                    ),
                    21: (
                        "notices.wording.blocks.MergeChar",
                        (),
                        {"default": "Your right to appeal", "max_length": 160},
                    ),
                    22: (
                        "notices.wording.blocks.MergeRichText",
                        (),
                        {
                            "help_text": "Stands after the sentence that names the act and the time limit.",
                            "required": False,
                        },
                    ),
                    23: ("wagtail.blocks.StructBlock", [[("kind", 20), ("heading", 21), ("text", 22)]], {}),
                    24: ("notices.wording.blocks.MergeChar", (), {"default": "The land, edged red", "max_length": 160}),
                    25: ("wagtail.blocks.StructBlock", [[("caption", 24)]], {}),
                    26: (
                        "wagtail.blocks.static_block.StaticBlock",
                        (),
                        {
                            "admin_text": "Who signs, with the date of the notice.",
                            "icon": "edit",
                            "template": "notices/blocks/signature.html",
                        },
                    ),
                    27: (
                        "wagtail.blocks.static_block.StaticBlock",
                        (),
                        {
                            "admin_text": "A new page begins here.",
                            "icon": "minus",
                            "template": "notices/blocks/page_break.html",
                        },
                    ),
                },
            ),
        ),
    ]
