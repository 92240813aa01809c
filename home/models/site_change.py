"""That something changed which web processes remember. Written by triggers alone; read by home/remembering.py."""

from django.db import models


class SiteChange(models.Model):
    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"change {self.pk}"
