"""The names of the built-in data sets, in plain data: a command line may read them without loading NumPy."""

DESCRIPTIONS: dict[str, str] = {
    "digits": "1,797 handwritten digits, 8 x 8 grey pixels, 10 classes; ships with scikit-learn",
    "fashion-mnist": "60,000 + 10,000 pictures of clothes, 28 x 28 grey pixels, 10 classes; 30 MB of files",
    "mnist": "60,000 + 10,000 handwritten digits, 28 x 28 grey pixels, 10 classes; 11 MB of files",
    "blobs": "1,000 points of 3 round clouds in the plane, all but separated by straight lines",
    "circles": "1,000 points of 2 circles, one inside the other",
    "moons": "1,000 points of 2 half moons that reach into each other",
    "gaussian-mixture": "1,000 numbers of 2 normal distributions, in one column; its density is known",
    "grid": "1,000 points of 25 narrow normal distributions on a square grid, a test of mode collapse; density known",
    "ring": "1,000 points of 8 narrow normal distributions on a circle, a test of mode collapse; density known",
    "spirals": "1,000 points of 2 spiral arms wound around each other",
    "xor": "1,000 points of a square, labelled by whether their two coordinates differ in sign",
}


def names() -> tuple[str, ...]:
    """Names of the built-in data sets that `rosenblatt.data.load` takes; `DESCRIPTIONS` has a line about each.

    Returns
    -------
    tuple of str

    Examples
    --------
    >>> from rosenblatt.data import names
    >>> "digits" in names()
    True
    """
    return tuple(DESCRIPTIONS)
