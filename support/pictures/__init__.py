"""A person's picture in, its digits out, each as an image such as MNIST's."""

from support.ground import door

__getattr__ = door(
    __name__, Digit="finding", Picture="finding", find="finding", read="finding", read_one="finding"
)
