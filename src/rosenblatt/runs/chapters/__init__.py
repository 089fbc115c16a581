"""The chapters of the tour: for each a module of this package with one function, `chapter(page, guide)`.

It trains, writes text, numbers and pictures to its page of the report, and notes its results with the guide.
"""

# The tour goes through them in this order; a chapter is one module and one line here.
CHAPTERS = {
    "gates": "A neuron that counts",
    "perceptron": "A neuron that learns",
    "network": "Eight neurons: the network of the notes",
    "digits": "Reading handwritten digits",
    "descent": "Three ways down: GD, SGD and mini-batches",
    "overfitting": "Learning by heart, and what helps against it",
    "convolution": "A window that slides",
    "images": "Networks that see neighbours",
    "autoencoders": "Short codes, and back",
    "variational": "Codes that one can draw from",
    "games": "Two networks against each other",
}
