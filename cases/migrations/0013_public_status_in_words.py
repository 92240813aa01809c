"""Only the words that stand for each public status: nothing changes in the database."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0012_never_prepared_documents"),
    ]

    operations = [
        migrations.AlterField(
            model_name="document",
            name="public_status",
            field=models.CharField(
                choices=[("not_assessed", "Not looked at yet"), ("publish", "Public"), ("withhold", "Withheld")],
                default="not_assessed",
                max_length=15,
            ),
        ),
    ]
