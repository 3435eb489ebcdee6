"""The bytes for a receipt printer, beside those that Epson's reference gives for each command."""

import pytest

from portal.counters.escpos import receipt

ADDRESS = "HTTPS://LOKET.KOTA.EXAMPLE/N/K7M3Q9XA42"


@pytest.mark.parametrize(("width", "module"), [(58, 6), (80, 8)])
def test_a_ticket_is_made_of_the_commands_of_the_reference(width: int, module: int) -> None:
    made = receipt(["Dinas Dukcapil", "Loket 3"], ADDRESS, "K7M3Q-9XA42", width)
    size = len(ADDRESS) + 3
    assert made == b"".join([
        b"\x1b@",  # initialise
        b"\x1ba\x01",  # centred
        b"\x1bE\x01Dinas Dukcapil\nLoket 3\n\x1bE\x00",  # bold
        b"\x1d(k\x04\x001A2\x00",  # QR model 2
        b"\x1d(k\x03\x001C" + bytes([module]),  # dots of a module
        b"\x1d(k\x03\x001E2",  # error correction Q
        b"\x1d(k" + bytes([size, 0]) + b"1P0" + ADDRESS.encode(),  # store
        b"\x1d(k\x03\x001Q0\n",  # print
        b"\x1d!\x11K7M3Q-9XA42\n\x1d!\x00",  # double height and width
        b"\x1bd\x04\x1dV\x01",  # feed four lines, cut
    ])  # fmt: skip


def test_long_names_go_on_in_the_next_line_and_letters_that_printers_lack_are_plain() -> None:
    office = "Dinas Kependudukan dan Pencatatan Sipil Kabupaten Kepulauan Sangihé"
    made = receipt([office], ADDRESS, "K7M3Q-9XA42", 58)
    text = made.split(b"\x1bE\x01")[1].split(b"\x1bE\x00")[0].decode("ascii")
    assert all(len(line) <= 32 for line in text.splitlines())
    assert " ".join(text.split()) == office.replace("é", "e")


def test_a_width_that_no_printer_has_is_refused() -> None:
    with pytest.raises(KeyError):
        receipt([], ADDRESS, "K7M3Q-9XA42", 72)
