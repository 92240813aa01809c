"""The StreamField blocks that a notice is made of."""

from wagtail import blocks


class NoticeBody(blocks.StreamBlock):
    heading = blocks.CharBlock()
    paragraph = blocks.RichTextBlock()
