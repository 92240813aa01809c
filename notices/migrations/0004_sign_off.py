import wagtail.fields
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0002_guards"),
        ("notices", "0003_outbox"),
        ("wagtailcore", "0098_apitoken"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveField(
            model_name="signofftask",
            name="groups",
        ),
        migrations.AlterField(
            model_name="decisionnotice",
            name="body",
            field=wagtail.fields.StreamField(
                [
                    ("title", 2),
                    ("heading", 3),
                    ("paragraph", 4),
                    ("decision", 6),
                    ("facts", 9),
                    ("conditions", 12),
                    ("reasons", 12),
                    ("informatives", 12),
                    ("plans", 12),
                    ("limits", 12),
                    ("statement", 16),
                    ("appeal", 20),
                    ("site_plan", 22),
                    ("signature", 23),
                    ("page_break", 24),
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
                    5: (
                        "notices.wording.blocks.MergeChar",
                        (),
                        {"help_text": "The decision itself in one sentence.", "max_length": 600},
                    ),
                    6: ("wagtail.blocks.StructBlock", [[("text", 5)]], {}),
                    7: ("notices.wording.blocks.MergeChar", (), {"default": "The application", "max_length": 120}),
                    8: (
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
                    9: ("wagtail.blocks.StructBlock", [[("caption", 7), ("facts", 8)]], {}),
                    10: ("notices.wording.blocks.MergeChar", (), {"max_length": 120}),
                    11: ("notices.wording.blocks.MergeRichText", (), {"required": False}),
                    12: ("wagtail.blocks.StructBlock", [[("heading", 10), ("introduction", 11)]], {}),
                    13: (
                        "wagtail.blocks.ChoiceBlock",
                        [],
                        {
                            "choices": [
                                ("certification", "Certification (a certificate that is granted)"),
                                ("first_schedule", "First schedule: what is certified"),
                                ("second_schedule", "Second schedule: the land"),
                                ("bng", "Biodiversity net gain"),
                                ("proactive", "Working with the applicant"),
                                ("granted_part", "Split decision: the part that is granted"),
                                ("refused_part", "Split decision: the part that is refused"),
                                ("purchase_notice", "Purchase notice"),
                                ("compensation", "Compensation"),
                                ("other", "Other"),
                            ]
                        },
                    ),
                    14: ("notices.wording.blocks.MergeChar", (), {"max_length": 160, "required": False}),
                    15: ("notices.wording.blocks.MergeRichText", (), {}),
                    16: ("wagtail.blocks.StructBlock", [[("kind", 13), ("heading", 14), ("text", 15)]], {}),
                    17: (
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
                    18: (
                        "notices.wording.blocks.MergeChar",
                        (),
                        {"default": "Your right to appeal", "max_length": 160},
                    ),
                    19: (
                        "notices.wording.blocks.MergeRichText",
                        (),
                        {
                            "help_text": "Stands after the sentence that names the act and the time limit.",
                            "required": False,
                        },
                    ),
                    20: ("wagtail.blocks.StructBlock", [[("kind", 17), ("heading", 18), ("text", 19)]], {}),
                    21: ("notices.wording.blocks.MergeChar", (), {"default": "The land, edged red", "max_length": 160}),
                    22: ("wagtail.blocks.StructBlock", [[("caption", 21)]], {}),
                    23: (
                        "wagtail.blocks.static_block.StaticBlock",
                        (),
                        {
                            "admin_text": "Who signs, with the date of the notice.",
                            "icon": "edit",
                            "template": "notices/blocks/signature.html",
                        },
                    ),
                    24: (
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
                    ("decision", 6),
                    ("facts", 9),
                    ("conditions", 12),
                    ("reasons", 12),
                    ("informatives", 12),
                    ("plans", 12),
                    ("limits", 12),
                    ("statement", 16),
                    ("appeal", 20),
                    ("site_plan", 22),
                    ("signature", 23),
                    ("page_break", 24),
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
                    5: (
                        "notices.wording.blocks.MergeChar",
                        (),
                        {"help_text": "The decision itself in one sentence.", "max_length": 600},
                    ),
                    6: ("wagtail.blocks.StructBlock", [[("text", 5)]], {}),
                    7: ("notices.wording.blocks.MergeChar", (), {"default": "The application", "max_length": 120}),
                    8: (
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
                    9: ("wagtail.blocks.StructBlock", [[("caption", 7), ("facts", 8)]], {}),
                    10: ("notices.wording.blocks.MergeChar", (), {"max_length": 120}),
                    11: ("notices.wording.blocks.MergeRichText", (), {"required": False}),
                    12: ("wagtail.blocks.StructBlock", [[("heading", 10), ("introduction", 11)]], {}),
                    13: (
                        "wagtail.blocks.ChoiceBlock",
                        [],
                        {
                            "choices": [
                                ("certification", "Certification (a certificate that is granted)"),
                                ("first_schedule", "First schedule: what is certified"),
                                ("second_schedule", "Second schedule: the land"),
                                ("bng", "Biodiversity net gain"),
                                ("proactive", "Working with the applicant"),
                                ("granted_part", "Split decision: the part that is granted"),
                                ("refused_part", "Split decision: the part that is refused"),
                                ("purchase_notice", "Purchase notice"),
                                ("compensation", "Compensation"),
                                ("other", "Other"),
                            ]
                        },
                    ),
                    14: ("notices.wording.blocks.MergeChar", (), {"max_length": 160, "required": False}),
                    15: ("notices.wording.blocks.MergeRichText", (), {}),
                    16: ("wagtail.blocks.StructBlock", [[("kind", 13), ("heading", 14), ("text", 15)]], {}),
                    17: (
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
                    18: (
                        "notices.wording.blocks.MergeChar",
                        (),
                        {"default": "Your right to appeal", "max_length": 160},
                    ),
                    19: (
                        "notices.wording.blocks.MergeRichText",
                        (),
                        {
                            "help_text": "Stands after the sentence that names the act and the time limit.",
                            "required": False,
                        },
                    ),
                    20: ("wagtail.blocks.StructBlock", [[("kind", 17), ("heading", 18), ("text", 19)]], {}),
                    21: ("notices.wording.blocks.MergeChar", (), {"default": "The land, edged red", "max_length": 160}),
                    22: ("wagtail.blocks.StructBlock", [[("caption", 21)]], {}),
                    23: (
                        "wagtail.blocks.static_block.StaticBlock",
                        (),
                        {
                            "admin_text": "Who signs, with the date of the notice.",
                            "icon": "edit",
                            "template": "notices/blocks/signature.html",
                        },
                    ),
                    24: (
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
        migrations.AddConstraint(
            model_name="decisionnotice",
            constraint=models.UniqueConstraint(
                condition=models.Q(("live", False)), fields=("application",), name="one_draft_notice"
            ),
        ),
        migrations.AddConstraint(
            model_name="decisionnotice",
            constraint=models.CheckConstraint(
                condition=models.Q(("expire_at", None), ("expired", False), ("go_live_at", None)),
                name="notice_is_never_scheduled",
            ),
        ),
    ]
