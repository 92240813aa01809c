"""What pages of the public site are made of. Each block has its template under templates/home/blocks/."""

from wagtail import blocks
from wagtail.images.blocks import ImageBlock

_TEXT = ["bold", "italic", "link", "document-link", "ol", "ul"]


class HeadingBlock(blocks.StructBlock):
    """A heading of the page's second or third level; the title of the page is the first."""

    text = blocks.CharBlock(max_length=120)
    level = blocks.ChoiceBlock(choices=[("h2", "Section"), ("h3", "Part of a section")], default="h2")

    class Meta:
        icon = "title"
        template = "home/blocks/heading.html"


class DetailsBlock(blocks.StructBlock):
    summary = blocks.CharBlock(max_length=120, help_text="What a reader opens it for.")
    text = blocks.RichTextBlock(features=_TEXT)

    class Meta:
        icon = "help"
        label = "Details that open"
        template = "home/blocks/details.html"


class StepBlock(blocks.StructBlock):
    title = blocks.CharBlock(max_length=120)
    text = blocks.RichTextBlock(features=_TEXT, required=False)


class StepsBlock(blocks.StructBlock):
    steps = blocks.ListBlock(StepBlock(), min_num=2)

    class Meta:
        icon = "list-ol"
        label = "Numbered steps"
        template = "home/blocks/steps.html"


class TableBlock(blocks.StructBlock):
    """A plain table: the first cell of each row is its heading."""

    caption = blocks.CharBlock(max_length=160, help_text="What the table is about; read out first.")
    headings = blocks.ListBlock(blocks.CharBlock(max_length=80), min_num=2)
    rows = blocks.ListBlock(blocks.ListBlock(blocks.CharBlock(max_length=300), min_num=1), min_num=1)

    class Meta:
        icon = "table"
        template = "home/blocks/table.html"


class FigureBlock(blocks.StructBlock):
    image = ImageBlock()
    caption = blocks.CharBlock(max_length=200, required=False)

    class Meta:
        icon = "image"
        label = "Picture"
        template = "home/blocks/figure.html"


class PageBody(blocks.StreamBlock):
    heading = HeadingBlock()
    paragraph = blocks.RichTextBlock(features=_TEXT, template="home/blocks/paragraph.html")
    inset = blocks.RichTextBlock(
        features=_TEXT, label="Inset text", icon="openquote", template="home/blocks/inset.html"
    )
    details = DetailsBlock()
    steps = StepsBlock()
    table = TableBlock()
    figure = FigureBlock()
