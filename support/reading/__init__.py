"""What a trained network says: of a person's files, and of what is drawn on a page."""

from support.ground import door

__getattr__ = door(
    __name__,
    Reader="reader",
    Watch="page.watch",
    answer="answers",
    confusion="scores",
    number="answers",
)
