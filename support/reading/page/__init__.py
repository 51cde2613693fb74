"""A page to draw on, for this computer's browser: while one draws, the network reads."""

from support.ground import door

__getattr__ = door(__name__, serve="server", Server="server", write="export", Watch="watch")
