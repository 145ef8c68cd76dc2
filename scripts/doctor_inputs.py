"""What can be said of a mapping and its inputs before anything is built.

The first half of scripts/doctor.py, and what "make build" asks first. It reads the
variables as macros/inputs/raw.sql does, and the header of every input; of a csv all
rows, because only then is it known to be UTF-8 and to have as many cells in each.
"""

import codecs
import difflib
import re
from pathlib import Path
from typing import NamedTuple

import duckdb
import yaml
from project import PROJECT, literal, project_variables

# Personal data and free text: no message shows a value of these columns.
PRIVATE = {
    *("email", "phone", "guest_email", "birth_year", "id_value"),
    *("reason", "account_name", "owner", "page"),
}
# What gives a person away in any column: e-mails, and numbers like those of mobiles.
PERSONAL = (
    (r"[^@\s]+@[^@\s]+", "***@***"),
    (r"(?<!\d)(\+\d[\d\s()-]{6,}\d|1[3-9]\d[\s-]?\d{4}[\s-]?\d{4})(?!\d)", "***"),
)
# A row needs one of the two, so an input without both has no row that counts.
EITHER = {
    "orders": ("user_id", "guest_email"),
    "events": ("user_id", "anonymous_id"),
    "survey_responses": ("user_id", "respondent_id"),
}
# The variables that name columns of an input to be passed on to its mart.
PASSED = {"users": "customer_columns", "orders": "order_columns"}
CHUNK = 1 << 20
MOST_NAMES = 20
# Beyond so many columns looking for similar names would take longer than reading.
MOST_CANDIDATES = 500


class Finding(NamedTuple):
    """Something to tell the owner of the data: what, where, how to mend it.

    level: error (nothing can be built), warning or note. place: an input or a file.
    """

    level: str
    place: str
    english: str
    chinese: str


class Input(NamedTuple):
    """What the variable of one input says."""

    name: str
    location: str
    columns: dict
    values: dict


# The file of variables ---------------------------------------------------------------


def read_variables(path):
    """The project's variables, those of the file in their place, and what is wrong.

    path: the file of variables, None for the project's own.
    Returns: variables (None if the file cannot be used), findings.
    """
    variables = project_variables()
    if path is None:
        return variables, []
    try:
        text = path.read_text(encoding="utf-8")
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        given = yaml.safe_load(text)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        return None, [unreadable_variables(path, error)]
    if not isinstance(given, dict):
        return None, [
            Finding(
                "error",
                str(path),
                "It holds no variables. Copy my_shop.example.yml and edit the copy.",
                "文件里没有变量。请复制 my_shop.example.yml 后再修改。",
            )
        ]
    findings = [
        Finding(
            "error",
            str(path),
            f"Line {line} says {key} a second time, and only one of the two would"
            " count. Delete one.",
            f"第 {line} 行重复写了 {key}，只有其中一个会生效。请删掉一个。",
        )
        for key, line in repeated_keys(node)
    ]
    findings += [
        unknown_name(str(path), "variable", "变量", str(name), list(variables))
        for name in given
        if name not in variables
    ]
    variables |= given
    if variables["input_orders"] == "raw_orders":
        findings.append(
            Finding(
                "error",
                str(path),
                "It does not say where the orders are. Set input_orders, for example to"
                " data/orders.csv. Variables for the sample shop go into"
                " dbt_project.yml.",
                "没有说明订单在哪里。请设置 input_orders，例如 data/orders.csv。"
                "只想改示例店铺的变量时，请改 dbt_project.yml。",
            )
        )
    return variables, findings


def unreadable_variables(path, error):
    """Why the file of variables cannot be read."""
    mark = getattr(error, "problem_mark", None)
    if isinstance(error, OSError):
        english, chinese = error.strerror, error.strerror
    elif mark:
        english = f"line {mark.line + 1} is no YAML: {error.problem}"
        chinese = f"第 {mark.line + 1} 行不是 YAML：{error.problem}"
    else:
        english, chinese = "it is not UTF-8 text", "不是 UTF-8 文本"
    return Finding(
        "error",
        str(path),
        f"The file of variables cannot be read: {english}. my_shop.example.yml shows"
        " how one looks; a text with a colon or a quote in it stands in quotes.",
        f"变量文件无法读取：{chinese}。写法见 my_shop.example.yml；"
        "含冒号或引号的文字要加引号。",
    )


def repeated_keys(node):
    """The keys that a mapping says twice, with their lines; YAML keeps the last."""
    if isinstance(node, yaml.MappingNode):
        seen = set()
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    yield shown(key.value), key.start_mark.line + 1
                seen.add(key.value)
            yield from repeated_keys(value)


def unknown_name(place, kind, kind_zh, name, known, where="", where_zh=""):
    """A name that means nothing here, and the known one that looks like it."""
    similar = difflib.get_close_matches(name, known, 1)
    hint = f"Did you mean {similar[0]}?" if similar else f"Known: {listed(known)}."
    hint_zh = f"是不是 {similar[0]}？" if similar else f"可用的有：{listed(known)}。"
    return Finding(
        "error",
        place,
        f"There is no {kind} {shown(name)}{where}. {hint}",
        f"没有{kind_zh} {shown(name)}{where_zh}。{hint_zh}",
    )


# The variables of inputs -------------------------------------------------------------


def with_passed_columns(contract, variables):
    """The contract with the shop's own columns, as macros/inputs has it."""
    for name, variable in PASSED.items():
        given = variables.get(variable)
        for column, type_ in given.items() if isinstance(given, dict) else ():
            own = {"type": type_, "is_own": True}
            contract[name]["columns"].setdefault(str(column), own)
    return contract


def given_inputs(variables, contract):
    """The inputs that the variables name, and what is wrong with how they do.

    Returns: dict of Input by name, without those that are absent; findings.
    """
    inputs, findings = {}, []
    for name in contract:
        if f"input_{name}" not in variables:
            continue
        given = variables[f"input_{name}"]
        if isinstance(given, str) or given is None:
            given = {"from": given or ""}
        if not is_well_formed(given):
            findings.append(malformed(name))
            continue
        location = given["from"].strip()
        # Left out beside her own orders: absent, not the sample's.
        if location == f"raw_{name}" and variables["input_orders"] != "raw_orders":
            location = ""
        if location:
            columns, values = given.get("columns") or {}, given.get("values") or {}
            inputs[name] = Input(name, location, columns, values)
            findings += [
                unknown_name(
                    name,
                    "column",
                    "列",
                    str(column),
                    list(contract[name]["columns"]),
                    " in the contract; the names on the left of columns and values are"
                    " the contract's",
                    "：columns 和 values 左边要写输入契约里的列名",
                )
                for column in dict.fromkeys([*columns, *values])
                if column not in contract[name]["columns"]
            ]
        elif contract[name]["required"]:
            findings.append(
                Finding(
                    "error",
                    name,
                    f"This input is required and input_{name} is empty. Set it to a"
                    f" table (shop.{name}) or a file (data/{name}.csv); it may have no"
                    " rows.",
                    f"这个输入是必需的，而 input_{name} 为空。请写一张表（shop.{name}）"
                    f"或一个文件（data/{name}.csv），可以没有数据行。",
                )
            )
    return inputs, findings


def is_well_formed(given):
    """Whether the variable of an input has the parts it may have."""
    return (
        isinstance(given, dict)
        and given.keys() <= {"from", "columns", "values"}
        and isinstance(given.get("from"), str)
        and isinstance(given.get("columns") or {}, dict)
        and isinstance(given.get("values") or {}, dict)
        and all(isinstance(map_, dict) for map_ in (given.get("values") or {}).values())
    )


def malformed(name):
    """The variable of an input is no location and no mapping."""
    example = f"{{from: data/{name}.csv, columns: {{…: …}}, values: {{…: {{…: …}}}}}}"
    return Finding(
        "error",
        name,
        f"input_{name} must be a location (data/{name}.csv) or have from, and where"
        f" needed columns and values: {example}.",
        f"input_{name} 应当是一个位置（data/{name}.csv），或者由 from 以及需要时的"
        f" columns、values 组成：{example}。",
    )


# What the inputs hold ----------------------------------------------------------------


def check_inputs(inputs, contract, hints, connection):
    """Findings on the files, tables and columns of all inputs but the sample's."""
    for given in inputs.values():
        source = source_of(given)
        if source is None:
            continue
        findings = list(check_files(given, connection))
        if not findings:
            findings = list(check_columns(given, source, contract, hints, connection))
        yield from findings


def source_of(given):
    """SQL that reads a location as it is; None for what only dbt knows."""
    location = given.location
    if re.match(r"(ref|source)\(", location):
        return None
    if re.fullmatch(r"\w+", location):
        seeds = sorted((PROJECT / "seeds").rglob(f"{location}.csv"))
        if not seeds or location == f"raw_{given.name}":
            return None
        location = str(seeds[0])
    if location.endswith(".csv"):
        return f"read_csv({literal(location)}, all_varchar = true, header = true)"
    if location.endswith(".parquet"):
        return f"read_parquet({literal(location)})"
    if "(" in location:
        return location
    return ".".join(f'"{part}"' for part in location.replace('"', "").split("."))


def check_files(given, connection):
    """Findings on files that are not there, cannot be opened, or are not UTF-8."""
    if not given.location.endswith((".csv", ".parquet")):
        return
    try:
        found = connection.execute(
            "select file from glob(?)", [given.location]
        ).fetchall()
    except duckdb.Error as error:
        yield unreadable_source(given, error)
        return
    if not found:
        yield missing_file(given)
    for [name] in found:
        path = Path(name)
        try:
            with path.open("rb") as file:
                beginning = file.read(2)
            line = first_bad_line(path) if path.suffix == ".csv" else None
        except OSError as error:
            yield Finding(
                "error",
                given.name,
                f"{name} cannot be read: {error.strerror}. Check its permissions.",
                f"{name} 无法读取：{error.strerror}。请检查权限。",
            )
            continue
        if line:
            yield not_utf8(given, path, line, beginning)


def missing_file(given):
    """There is no such file, and what there is beside it."""
    path = Path(given.location)
    beside = [other.name for other in path.parent.glob("*")]
    similar = difflib.get_close_matches(path.name, beside, 1)
    hint = f" Beside it lies {path.parent / similar[0]}." if similar else ""
    hint_zh = f"旁边有 {path.parent / similar[0]}。" if similar else ""
    return Finding(
        "error",
        given.name,
        f"input_{given.name} names the file {given.location}, and there is none.{hint}"
        " A path counts from the folder of the project, or is absolute; an input you"
        " do not have is left out.",
        f"input_{given.name} 写的文件 {given.location} 不存在。{hint_zh}"
        "路径从项目文件夹算起，或者写绝对路径；没有的输入就不写。",
    )


def first_bad_line(path):
    """The number of the first line that is not UTF-8; None if all are."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    line = 1
    try:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                decoder.decode(chunk)
                line += chunk.count(b"\n")
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        return line + error.object[: error.start].count(b"\n")
    return None


def not_utf8(given, path, line, beginning):
    """A csv in another encoding, and the command that converts it."""
    # These two bytes are how UTF-16 begins, and no line of GB18030 does.
    is_utf16 = beginning in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    encoding = "utf-16" if is_utf16 else "gb18030"
    copy = path.with_name(f"{path.stem}_utf8.csv")
    command = (
        f".venv/bin/python scripts/convert_to_utf8.py --from {encoding} {path} {copy}"
    )
    return Finding(
        "error",
        given.name,
        f"{path} is not UTF-8 (line {line}). Spreadsheets on Chinese Windows save csv"
        f" as GB18030. Convert it, look at the copy, and name that: {command}",
        f"{path} 不是 UTF-8（第 {line} 行）。中文 Windows 的表格软件会把 csv 存成"
        f" GB18030。请转换，检查转换后的文件，再写它的名字：{command}",
    )


def check_columns(given, source, contract, hints, connection):
    """Findings on the columns of one input: missing, misnamed, not computable."""
    try:
        found = columns_of(source, connection)
    except duckdb.Error as error:
        yield unreadable_source(given, error)
        return
    if given.location.endswith(".csv"):
        skipped = list(skipped_lines(given, found, connection))
        yield from skipped
        # What is read as names here may be the cells of a row.
        if any(finding.level == "error" for finding in skipped):
            return
    columns = contract[given.name]["columns"]
    used, missing = set(), []
    for name in columns:
        written = str(given.columns.get(name, name)).strip()
        column = same_name(written, found)
        if column:
            used.add(column)
        elif name in given.columns and not is_bare(written):
            used |= {column for column in found if column in written}
        else:
            missing.append(name)
    free = [column for column in found if column not in used]
    for name in missing:
        yield from missing_column(given, name, columns[name], found, free, hints)
    pair = EITHER.get(given.name, ())
    if pair and set(pair) <= set(missing):
        yield neither(given, pair, free, hints)


def skipped_lines(given, found, connection):
    """Lines above what the reader of csv takes for the header, and leaves out."""
    [[name]] = connection.execute(
        "select min(file) from glob(?)", [given.location]
    ).fetchall()
    with Path(name).open(encoding="utf-8-sig") as file:
        lines = [line.strip().replace('"', "") for line in file.readlines(CHUNK)]
    lines = [line for line in lines if line]
    header = found[0].replace('"', "")
    if len(found) == 1 and re.search(r"[,;\t|]", header):
        yield ragged(given)
    elif lines and header not in lines[0]:
        # A title has one cell; a header has as many as the rows.
        if len(re.split(r"[,;\t|]", lines[0])) > 1:
            yield ragged(given)
        else:
            yield title_lines(given, name, found[0])


def title_lines(given, name, header):
    """Lines above the header that are left out."""
    return Finding(
        "warning",
        given.name,
        f"The first line of {name} is not read as its header, {shown(header)} … is, and"
        " what stands above it is left out. Delete it if it is a title.",
        f"{name} 的第一行没有被当作表头（表头是 {shown(header)} …），"
        "它上面的内容会被丢掉。如果是标题，请删除。",
    )


def columns_of(source, connection, selected="*"):
    """The names of a source's columns, in order."""
    rows = connection.execute(f"describe select {selected} from {source} as given")
    return [row[0] for row in rows.fetchall()]


def same_name(written, found):
    """The column of that name, whatever its case; None if there is none."""
    if written in found:
        return written
    return next((name for name in found if name.lower() == written.lower()), None)


def is_bare(written):
    """Whether a text is the name of a column rather than an SQL expression."""
    return bool(
        re.fullmatch(r"""[^()'"+*/|:=<>-]+""", written)
        and not re.fullmatch(r"[0-9.]+|null|true|false", written.lower())
    )


def missing_column(given, name, column, found, free, hints):
    """A column that is not there: an error if it was named or is required."""
    is_named = name in given.columns
    is_needed = is_named or column.get("required") or column.get("is_own")
    names = [str(given.columns[name])] if is_named else []
    names += [name, *hints.get(given.name, {}).get(name, [])]
    similar = lookalikes(names, free, is_needed)
    if not is_needed and not similar:
        return
    quoted = " or ".join(shown(column) for column in similar)
    quoted_zh = " 或 ".join(shown(column) for column in similar)
    example = f"columns: {{{name}: {shown(similar[0]) if similar else '…'}}}"
    if not is_needed:
        yield Finding(
            "note",
            given.name,
            f"Column {name} is not mapped and stays empty. {quoted} looks like it:"
            f" {example}.",
            f"列 {name} 没有映射，会是空的。{quoted_zh} 看起来像它：{example}。",
        )
        return
    absent = shown(str(given.columns[name])) if is_named else name
    yield Finding(
        "error",
        given.name,
        f"{given.location} has no column {absent}"
        + (f", which input_{given.name} maps {name} to." if is_named else "; it is"
           " required.")
        + (f" {quoted} looks like it." if similar else "")
        + f" Write in input_{given.name}: {example}. There are: {listed(found)}.",
        f"{given.location} 没有列 {absent}"
        + (f"（input_{given.name} 把 {name} 映射到它）。" if is_named
           else "，而它是必需的。")
        + (f"{quoted_zh} 看起来像它。" if similar else "")
        + f"请在 input_{given.name} 中写：{example}。现有的列：{listed(found)}。",
    )  # fmt: skip


def neither(given, pair, free, hints):
    """An input that lacks both of the columns that may say whose a row is."""
    first, second = pair
    known = hints.get(given.name, {})
    names = [first, *known.get(first, []), second, *known.get(second, [])]
    similar = " or ".join(map(shown, lookalikes(names, free, True)))
    return Finding(
        "warning",
        given.name,
        f"Neither {first} nor {second} is there, so no row would belong to anybody and"
        " all would be rejected."
        + (f" {similar} looks like one of them." if similar else ""),
        f"{first} 和 {second} 都没有，所有行都无法归属，会全部被拒绝。"
        + (f"{similar} 看起来像其中之一。" if similar else ""),
    )


def lookalikes(names, candidates, is_generous):
    """The candidates that look like one of the names, at most three, best first.

    is_generous: similar spellings count too, not only the same one.
    """
    plain = {simplified(name): name for name in candidates[:MOST_CANDIDATES]}
    names = [simplified(name) for name in names]
    similar = [plain[name] for name in names if name in plain]
    if is_generous and not similar:
        similar = [
            candidate
            for name in names
            for text, candidate in plain.items()
            if len(name) > 1 and not name.isascii() and name in text
        ]
        similar += [
            plain[text]
            for name in names
            if len(name) > 3
            for text in difflib.get_close_matches(name, plain, 1, 0.75)
        ]
    return list(dict.fromkeys(similar))[:3]


def simplified(name):
    """A name without what people write in different ways."""
    return re.sub(r"[\W_]+", "", name.lower())


def check_values(given, source, connection):
    """Findings on expressions that do not compute, and on csv rows that do not read."""
    found = columns_of(source, connection)
    expressions = {
        name: str(written)
        for name, written in given.columns.items()
        if not same_name(str(written).strip(), found) and not is_bare(str(written))
    }
    for name, expression in expressions.items():
        try:
            columns_of(source, connection, f"{expression} as {name}")
        except duckdb.Error as error:
            yield bad_expression(given, name, expression, said(error))
            return
    items = dict(expressions)
    if source.startswith("read_csv"):
        items[None] = "given"
    if not items or computes(items.values(), source, connection) is None:
        return
    # All at once is one reading; which of them it was is asked only now.
    for name, expression in items.items():
        error = computes([expression], source, connection)
        if error and name is None:
            yield unreadable_source(given, error)
        elif error:
            yield bad_expression(given, name, expression, why(given, expression, error))
        if error:
            return


def computes(expressions, source, connection):
    """None if every row of the expressions can be computed, else the error."""
    items = ", ".join(f"max(hash({expression}))" for expression in expressions)
    try:
        connection.execute(f"select {items} from {source} as given").fetchall()
    except duckdb.Error as error:
        return error
    return None


def why(given, expression, error):
    """Why an expression fails for a row, with the value if that may be shown."""
    private = {name: str(given.columns.get(name, name)).strip() for name in PRIVATE}
    value = re.search("Could not convert string '(.*)' to ", str(error))
    is_private = any(name in expression for name in {*private, *private.values()})
    if is_private or not value or is_free_text(value[1]):
        return "a value does not fit"
    return said(error)


def bad_expression(given, name, expression, why):
    """A column that is mapped to SQL which does not compute."""
    return Finding(
        "error",
        given.name,
        f"Column {name} is mapped to {shown(expression, 200)}, which cannot be"
        f" computed: {why}. If single values are to blame, write try_cast instead of"
        " cast: they become empty and are counted.",
        f"列 {name} 映射到 {shown(expression, 200)}，无法计算：{why}。"
        "如果只是个别值的问题，请把 cast 写成 try_cast：这些值会变成空值并被计数。",
    )


def unreadable_source(given, error):
    """A file or table that DuckDB refuses to read."""
    if "Schema mismatch" in str(error):
        return Finding(
            "error",
            given.name,
            f"The files of {given.location} have different columns:"
            f" {said(error, 'Column with name')}. Give them the same header.",
            f"{given.location} 的各个文件列不相同：{said(error, 'Column with name')}。"
            "请统一表头。",
        )
    if "Expected Number of Columns" in str(error):
        return ragged(given, said(error, "Expected Number of Columns"))
    if "detect the CSV parsing dialect" in str(error):
        return ragged(given)
    return Finding(
        "error",
        given.name,
        f"{given.location} cannot be read: {said(error)}. Check that it is what its"
        " name says, whole, and spelt like this.",
        f"{given.location} 无法读取：{said(error)}。请检查名称、文件类型和是否完整。",
    )


def ragged(given, where=""):
    """A csv whose rows do not have as many cells as its header."""
    return Finding(
        "error",
        given.name,
        f"Rows of {given.location} differ in their number of cells"
        + (f" ({where})" if where else "")
        + ". A value with a comma, a quote or a line break in it must stand in double"
        " quotes; save the file anew with them.",
        f"{given.location} 各行的单元格数不同"
        + (f"（{where}）" if where else "")
        + "。含逗号、引号或换行的值必须用双引号括起来，请重新导出。",
    )


# Words -------------------------------------------------------------------------------


def said(error, *beginnings):
    """The first line of a database error, and those that begin so; never a raw row."""
    first, *others = str(error).splitlines()
    lines = [first, *(line for line in others if line.startswith(beginnings))]
    return shown(" ".join(lines), 300).rstrip(".")


def listed(names):
    """Names for a sentence, not more than a person reads."""
    text = ", ".join(shown(name) for name in list(names)[:MOST_NAMES])
    rest = len(names) - MOST_NAMES
    return f"{text} … (+{rest:,})" if rest > 0 else text


def is_free_text(text):
    """Whether a value looks as if a person had written it, and not a machine.

    "soon", "12 pcs" and "Jan 2 2024" do not; words without a number, and sentences, do.
    """
    words = re.findall(r"[^\W\d_]{2,}", text)
    ideographs = re.findall("[\u3400-\u9fff]", text)
    return len(words) > (3 if re.search(r"\d", text) else 1) or len(ideographs) > 8


def shown(text, length=40):
    """A text of the data that no terminal stumbles over, e-mails and phones hidden."""
    for pattern, mask in PERSONAL:
        text = re.sub(pattern, mask, text)
    text = "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode()
        for letter in text
    )
    return text if len(text) <= length else text[: length - 1] + "…"
