"""Convert a csv, or any text file, to UTF-8.

    python scripts/convert_to_utf8.py --from gb18030 orders.csv orders_utf8.csv

You say what the encoding is; nothing is guessed. A file that is not wholly in it is
refused, and no file is overwritten. Chinese Windows writes gb18030, "Unicode text" of
spreadsheets is utf-16.
"""

import argparse
import codecs
import sys
from pathlib import Path

CHUNK = 1 << 20


class ConversionError(Exception):
    """Something a person has to put right; the message is one sentence for them."""


def convert(source, copy, encoding):
    """Write a copy of a text file in UTF-8.

    Line breaks stay as they are; a byte order mark is left out. Raises ConversionError
    if there is no such encoding, the copy exists already, or the file is not wholly in
    the encoding; then no copy is left behind.
    """
    try:
        decoder = codecs.getincrementaldecoder(encoding)("strict")
        if not isinstance(decoder.decode(b""), str):
            raise LookupError("it is no encoding of text")
    except (LookupError, AttributeError, TypeError) as error:
        raise ConversionError(
            f"There is no encoding {encoding}. Usual ones: gb18030, big5, utf-16."
        ) from error
    with source.open("rb") as old_file:
        try:
            new_file = copy.open("xb")
        except FileExistsError as error:
            raise ConversionError(
                f"{copy} exists already and is not overwritten. Name another file."
            ) from error
        try:
            with new_file:
                bad_line = write_decoded(old_file, new_file, decoder)
        except OSError:
            copy.unlink()
            raise
    if bad_line:
        copy.unlink()
        raise ConversionError(
            f"{source} is not {encoding}: line {bad_line} cannot be decoded. Nothing"
            " was written. Ask whoever exported it for its encoding."
        )


def write_decoded(old_file, new_file, decoder):
    """Decode one open file into another; returns the line that is not so encoded."""
    line, chunk = 1, b" "
    try:
        while chunk:
            chunk = old_file.read(CHUNK)
            text = decoder.decode(chunk, final=not chunk)
            if not new_file.tell():
                text = text.removeprefix("\ufeff")
            new_file.write(text.encode())
            line += text.count("\n")
    except UnicodeError as error:
        return line + lines_before(error)
    return None


def lines_before(error):
    """How many lines of its chunk a decoder had read before it stumbled."""
    # Where the mark that UTF-16 begins with is missing, the error has no place.
    if not isinstance(error, UnicodeDecodeError):
        return 0
    return error.object[: error.start].count(b"\n")


def main():
    """Convert the file named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--from", dest="encoding", required=True)
    parser.add_argument("source", type=Path)
    parser.add_argument("copy", type=Path)
    arguments = parser.parse_args()
    try:
        convert(arguments.source, arguments.copy, arguments.encoding)
    except ConversionError as error:
        sys.exit(str(error))
    except OSError as error:
        sys.exit(f"{error.filename}: {error.strerror}. Nothing was converted.")
    print(f"{arguments.copy} is UTF-8. Look at it before you build with it.")


if __name__ == "__main__":
    main()
