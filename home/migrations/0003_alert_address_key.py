"""Each address has a key of its own, so that a link in an old e-mail stops what was followed since."""

import uuid

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("home", "0002_alerts_and_comment_drafts")]

    operations = [
        migrations.AddField(
            model_name="alert",
            name="address_key",
            field=models.UUIDField(
                default=uuid.uuid4,
                editable=False,
                help_text="The same for all that one address follows: what its e-mails are stopped by.",
            ),
        ),
        # The column was added with one key for all the rows there were: a link of one would have stopped them all.
        migrations.RunSQL("UPDATE home_alert SET address_key = gen_random_uuid()", migrations.RunSQL.noop),
        migrations.AddIndex(model_name="alert", index=models.Index(fields=["address_key"], name="alert_of_address")),
    ]
