"""Numbers of cases, licenses and exemptions: a letter and six digits (EAR 748.6(b)), from a counter."""

PER_LETTER = 1_000_000


def _lettered(letter: str, serial: int) -> str:
    if not 1 <= serial < PER_LETTER:
        raise ValueError(f"no number of a letter and six digits can be made of {serial}")
    return f"{letter}{serial:06d}"


def acn_of(serial: int) -> str:
    """The Application Control Number of a serial: C000001 to C999999. Raises ValueError outside of it."""
    return _lettered("C", serial)


def license_number_of(serial: int) -> str:
    """The license number of a serial: D000001 and on. Raises ValueError when the digits run out."""
    return _lettered("D", serial)


def exemption_number_of(serial: int) -> str:
    """The exemption number of a serial: E000001 and on. Raises ValueError when the digits run out."""
    return _lettered("E", serial)
