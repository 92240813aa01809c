"""Messages that wait may have been tried again and again for Notify's limit alone, which counts no more as an attempt.

Counted as before they would be given up for it. One attempt stays: Notify is asked first whether it has them already.
"""

from django.db import migrations


def forwards(apps, schema_editor):
    waiting = apps.get_model("notices", "Message").objects.filter(status__in=["queued", "sending"])
    waiting.filter(attempts__gt=1).update(attempts=1)


class Migration(migrations.Migration):
    dependencies = [("notices", "0013_sentences_made_from_decisions")]

    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
