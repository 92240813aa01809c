from django.apps import AppConfig
from django.db.models.signals import pre_save


class HomeConfig(AppConfig):
    name = "home"
    verbose_name = "Public site"

    def ready(self) -> None:
        from wagtail.users.models import UserProfile  # models are there only when the apps are

        from cases import timeline  # the same
        from home import remembering  # the same
        from home.editors_files import clean_avatar  # the same
        from home.responses import commenting, digests, following  # the same
        from notices import due_work  # the same

        pre_save.connect(clean_avatar, sender=UserProfile)
        timeline.listen("comment_entered", commenting.acknowledge)
        due_work.add_job("old drafts of comments deleted", commenting.delete_old_drafts)
        due_work.add_job("alerts written", digests.send_digests)
        due_work.add_job("alerts that nobody confirmed deleted", following.forget_unconfirmed)
        due_work.add_job("old e-mails of alerts deleted", following.forget_old_messages)
        due_work.add_job("old marks of a changed website deleted", remembering.forget_old_changes)
