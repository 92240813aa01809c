"""That something changed which web processes remember. Written by triggers alone; read by home/remembering.py."""

from django.db import models
from django.db.models.functions import Now


class SiteChange(models.Model):
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.made_at)
