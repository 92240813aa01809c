"""What must be true of every request, link, page and redaction; and the indexes that the sweeps use."""

import django.contrib.postgres.indexes
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0010_requests_known_by_number")]

    operations = [
        migrations.AlterField(
            model_name="validationrequest",
            name="number",
            field=models.PositiveSmallIntegerField(help_text="Counts the requests of one application from 1."),
        ),
        migrations.AddIndex(
            model_name="validationrequest",
            index=models.Index(
                condition=models.Q(("resolved_at", None), models.Q(("answer", ""), _negated=True)),
                fields=["application"],
                name="request_answered",
            ),
        ),
        migrations.AddIndex(
            model_name="validationrequest",
            index=models.Index(
                condition=models.Q(("answer", ""), ("resolved_at", None)), fields=["due_on"], name="request_due"
            ),
        ),
        migrations.AddConstraint(
            model_name="validationrequest",
            constraint=models.UniqueConstraint(fields=("application", "number"), name="request_number_once"),
        ),
        migrations.AddConstraint(
            model_name="validationrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("outcome", ""), ("resolved_at", None)),
                    models.Q(models.Q(("resolved_at__isnull", False)), models.Q(("outcome", ""), _negated=True)),
                    _connector="OR",
                ),
                name="request_settled_with_outcome",
            ),
        ),
        migrations.AddConstraint(
            model_name="validationrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("outcome", "cancelled"), _negated=True),
                    models.Q(("cancelled_because", ""), _negated=True),
                    _connector="OR",
                ),
                name="cancelled_request_has_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="validationrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("outcome", "accepted"), _negated=True), ("arrived_on__isnull", False), _connector="OR"
                ),
                name="accepted_request_has_arrival",
            ),
        ),
        migrations.AddConstraint(
            model_name="validationrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("answer", ""),
                    models.Q(("answered_at__gte", models.F("sent_at")), ("sent_at__isnull", False)),
                    _connector="OR",
                ),
                name="answer_to_what_was_sent",
            ),
        ),
        migrations.AddConstraint(
            model_name="validationrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("answer", "silence"), _negated=True),
                    models.Q(models.Q(("kind", "description")), models.Q(("proposed_description", ""), _negated=True)),
                    ("kind", "pre_commencement"),
                    _connector="OR",
                ),
                name="silence_accepts_two_kinds",
            ),
        ),
        migrations.AddConstraint(
            model_name="validationrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "replacement_document"), _negated=True),
                    ("document__isnull", False),
                    _connector="OR",
                ),
                name="replacement_names_document",
            ),
        ),
        migrations.AddConstraint(
            model_name="validationrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "extension_of_time"), _negated=True),
                    ("proposed_until__isnull", False),
                    _connector="OR",
                ),
                name="extension_request_has_day",
            ),
        ),
        migrations.AddConstraint(
            model_name="validationrequest",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("kind__in", ["description", "extension_of_time", "ownership", "red_line"]), ("resolved_at", None)
                ),
                fields=("application", "kind"),
                name="one_open_request_of_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="validationrequest",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind", "replacement_document"), ("resolved_at", None)),
                fields=("document",),
                name="one_open_replacement_of_document",
            ),
        ),
        migrations.AddConstraint(
            model_name="validationrequest",
            constraint=models.UniqueConstraint(
                condition=models.Q(("condition__isnull", False), ("resolved_at", None)),
                fields=("condition",),
                name="one_open_request_of_condition",
            ),
        ),
        migrations.AddConstraint(
            model_name="applicantlink",
            constraint=models.UniqueConstraint(
                condition=models.Q(("revoked_at", None)), fields=("application", "party"), name="one_link_per_recipient"
            ),
        ),
        migrations.AddIndex(
            model_name="answerfile",
            index=models.Index(fields=["uploaded_at"], name="answer_file_old"),
        ),
        migrations.AddConstraint(
            model_name="answerfile",
            constraint=models.UniqueConstraint(fields=("request", "sha256"), name="answer_file_once"),
        ),
        migrations.AddIndex(
            model_name="documentpage",
            index=django.contrib.postgres.indexes.GinIndex(fields=["words"], name="document_page_words"),
        ),
        migrations.AddConstraint(
            model_name="documentpage",
            constraint=models.UniqueConstraint(fields=("document", "number"), name="document_page_once"),
        ),
        migrations.AddConstraint(
            model_name="redaction",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["draft", "queued"])),
                fields=("document",),
                name="one_redaction_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="redaction",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "done"), _negated=True), ("copy__isnull", False), _connector="OR"
                ),
                name="made_redaction_has_copy",
            ),
        ),
        migrations.AddConstraint(
            model_name="requirement",
            constraint=models.UniqueConstraint(
                fields=("authority", "slug"), name="requirement_slug_once", nulls_distinct=False
            ),
        ),
        migrations.AddConstraint(
            model_name="requirement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("rule", "document"), _negated=True),
                    models.Q(("document_types", []), _negated=True),
                    _connector="OR",
                ),
                name="document_requirement_has_types",
            ),
        ),
    ]
