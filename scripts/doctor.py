"""Say what is wrong with your data, in English and Chinese, before you build with it.

    python scripts/doctor.py --vars my_shop.yml
    python scripts/doctor.py --vars my_shop.yml --before-build   only what stops a build

Exit code: 0 nothing to say, 1 warnings, 2 nothing can be built. Without --vars it looks
at the inputs that dbt_project.yml names.

The second half is a dbt build of the audit tables in a DuckDB file of its own, so that
the rules are the project's and nothing is judged twice. It builds from a copy of the
few models that judge inputs: dbt reads those in a third of the time.
"""

import argparse
import json
import os
import re
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import yaml
from doctor_inputs import (
    PRIVATE,
    Finding,
    check_inputs,
    check_values,
    given_inputs,
    is_free_text,
    listed,
    read_variables,
    shown,
    source_of,
    unreadable_source,
    with_passed_columns,
)
from project import (
    BUILD_FILE,
    PROJECT,
    literal,
    project_variables,
    read_contract,
    read_hints,
    read_project,
)

FOLDER = PROJECT / os.environ.get("DBT_TARGET_PATH", "target") / "doctor"
DATABASE = FOLDER / "doctor.duckdb"
REASONS = Path(__file__).with_name("doctor_reasons.yml")
JUDGING = ("models/staging", "models/marts/audit")
AUDIT = ("audit_rejected_rows", "audit_input_reconciliation", "audit_nulled_attributes")
EXAMPLES = 3
# Fewer rows say nothing about the hours of a day.
MIN_TIMES = 200
# The column whose values tell more of a reason than keys of rows do.
TOLD_BY = {
    "unknown_status": "status",
    "unknown_cost_type": "cost_type",
    "unknown_channel": "channel",
    "unknown_survey_type": "survey_type",
    "unknown_promotion_type": "promotion_type",
    "unknown_id_type": "id_type",
    "unknown_entry_type": "entry_type",
    "unknown_stage": "stage_code",
    "currency_mismatch": "currency",
}
TIMES = {
    "users": "registered_at",
    "orders": "ordered_at",
    "logins": "login_at",
    "events": "event_at",
}
ORDER_WINDOWS = (
    "repurchase_window_days",
    "first_order_window_days",
    "rfm_window_days",
    "high_value_window_days",
    "ladder_window_days",
    "loyalty_window_days",
)
ACTIVITY_WINDOWS = (
    "churn_after_days",
    "threshold_max_days",
    "risk_horizon_days",
    "lead_time_lookback_days",
    "life_stage_days",
    "thriving_window_days",
    "k_window_days",
)
ACTIVITY_INPUTS = {"login": "logins", "order": "orders", "event": "events"}
LEVELS = {"error": "错误", "warning": "警告", "note": "提示"}


def examine(path, before_build=False, engine="duckdb"):
    """Look at a mapping and its inputs.

    path: the file of variables, None for the project's own. before_build: only what a
    build cannot do without. engine: where the build will run; files and tables are
    looked at for DuckDB only.
    Returns: findings, lines about the rows of every input.
    """
    variables, findings = read_variables(path)
    if variables is None:
        return findings, []
    contract = with_passed_columns(read_contract(), variables)
    hints = read_hints()
    inputs, wrong = given_inputs(variables, contract)
    findings += wrong
    if engine != "duckdb":
        return [*findings, only_mapping(engine)], []
    if has_errors(findings):
        return findings, []
    with duckdb.connect() as connection:
        findings += attach_tables(inputs, connection)
        if not has_errors(findings):
            findings += check_inputs(inputs, contract, hints, connection)
        if before_build and not has_errors(findings):
            sources = {name: source_of(given) for name, given in inputs.items()}
            findings += check_all_values(inputs, sources, connection)
    if before_build or has_errors(findings):
        return findings, []
    try:
        findings += build_audit(inputs, variables)
        if has_errors(findings):
            return findings, []
        with duckdb.connect(DATABASE, read_only=True) as connection:
            schemas = "customer_ops_staging,customer_ops_audit"
            connection.execute(f"set search_path = '{schemas}'")
            findings += read_audit(connection, contract, variables)
            return findings, row_counts(connection)
    finally:
        # It holds personal data, and nobody would think of it.
        DATABASE.unlink(missing_ok=True)


def has_errors(findings):
    """Whether something was found that stops a build."""
    return any(finding.level == "error" for finding in findings)


def only_mapping(engine):
    """What is not looked at where the build does not run on DuckDB."""
    return Finding(
        "note",
        engine,
        "Only the mapping was checked: the doctor reads files and tables of DuckDB.",
        "只检查了映射：医生只读文件和 DuckDB 的表。",
    )


def tables_of(inputs):
    """The inputs that are tables of the build file, by their location."""
    return {
        given.location: given.name
        for given in inputs.values()
        if (source_of(given) or "").startswith('"')
    }


def attach_tables(inputs, connection):
    """Open the build file, whose tables may be inputs, as the connection's own.

    Returns: a finding if it is needed and cannot be opened.
    """
    tables = tables_of(inputs)
    if not tables:
        return []
    try:
        if not BUILD_FILE.exists():
            raise duckdb.IOException("there is no such file")
        name = BUILD_FILE.stem
        connection.execute(f'attach {literal(BUILD_FILE)} as "{name}" (read_only)')
        connection.execute(f'use "{name}"')
    except duckdb.Error as error:
        return [
            Finding(
                "error",
                ", ".join(tables.values()),
                f"{listed(list(tables))}: tables are looked for in {BUILD_FILE}, and it"
                f" cannot be opened: {shown(str(error).splitlines()[0], 200)}. Put them"
                " there, close other programs that have it open, or set"
                " CUSTOMER_OPS_DUCKDB.",
                f"{listed(list(tables))}：表应当在 {BUILD_FILE} 中，而它无法打开："
                f"{shown(str(error).splitlines()[0], 200)}。请把表放进去、"
                "关闭占用它的程序，或设置 CUSTOMER_OPS_DUCKDB。",
            )
        ]
    return []


# Judging the rows --------------------------------------------------------------------


def build_audit(inputs, variables):
    """Build the audit tables from the inputs; returns findings if that fails."""
    project = copy_project(inputs)
    FOLDER.mkdir(parents=True, exist_ok=True)
    DATABASE.unlink(missing_ok=True)
    os.environ["CUSTOMER_OPS_DUCKDB"] = str(DATABASE)
    # Two works of some seconds, of which one leaves the interpreter alone.
    with ThreadPoolExecutor(1) as executor:
        parsing = executor.submit(parse, project, inputs, variables)
        copies, findings = copy_inputs(inputs)
        parsed = parsing.result()
    if findings:
        return findings
    if not parsed.success:
        return failures(parsed)
    variables = changed(variables | copies)
    arguments = ["build", "--resource-type", "seed", "--resource-type", "model"]
    arguments += ["--select", *(f"+{name}" for name in AUDIT)]
    return failures(run_dbt(arguments, project, variables, parsed.result))


def parse(project, inputs, variables):
    """Let dbt read the project, as if every input were a table.

    Variables are looked up when a model is compiled, so that dbt's cache outlives a
    change of the mapping. Seeds and models are named: dbt has to build them first.
    """
    places = {
        f"input_{name}": "given.any" if source_of(given) else variables[f"input_{name}"]
        for name, given in inputs.items()
    }
    absent = dict.fromkeys(name for name in variables if name.startswith("input_"))
    absent.pop("input_timezone")
    return run_dbt(["parse"], project, absent | places)


def run_dbt(arguments, project, variables, manifest=None):
    """Run a dbt command in this process, without a word; returns its result."""
    # A second on its own, and the first half does without.
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    options = ["--project-dir", str(project), "--profiles-dir", str(PROJECT)]
    options += ["--target", "duckdb", "--target-path", str(FOLDER / "target")]
    options += ["--log-path", str(FOLDER / "logs"), "--log-level", "none"]
    options += ["--log-level-file", "none", "--no-print", "--no-write-json"]
    options += ["--vars", json.dumps(variables, default=str, ensure_ascii=False)]
    result = dbtRunner(manifest=manifest).invoke([*arguments, *options])
    # dbt keeps the file open, and an open file lets no reader in.
    DuckDBConnectionManager.close_all_connections()
    return result


def failures(result):
    """What dbt failed in, as findings."""
    if result.success:
        return []
    failed = [
        (node.node.name, node.message)
        for node in getattr(result.result, "results", [])
        if node.status in ("error", "fail")
    ]
    return [
        Finding(
            "error",
            name.removeprefix("base_shop__"),
            sentence(message),
            f"dbt 无法构建：{sentence(message)}",
        )
        for name, message in failed or [("dbt", str(result.exception))]
    ]


def copy_project(inputs):
    """Copy what judges inputs into a project of its own; returns its folder."""
    bare = {i.location for i in inputs.values() if source_of(i) is None}
    seeds = {path.stem for path in (PROJECT / "seeds").rglob("*.csv")}
    folders = ["macros", *(["models"] if bare - seeds else JUDGING)]
    folders += ["seeds"] if bare else ["seeds/reference"]
    copy = FOLDER / "project"
    shutil.rmtree(copy, ignore_errors=True)
    unit_tests = shutil.ignore_patterns("*unit_tests*")
    for folder in folders:
        shutil.copytree(PROJECT / folder, copy / folder, ignore=unit_tests)
    project = read_project()
    # The other hooks keep what a build leaves for the next; here is none.
    project["on-run-start"] = ["{{ check_variables() }}", "{{ keep_salt() }}"]
    del project["on-run-end"]
    text = yaml.safe_dump(project, allow_unicode=True)
    (copy / "dbt_project.yml").write_text(text, encoding="utf-8")
    return copy


def copy_inputs(inputs):
    """Load all but parquet files into the doctor's database.

    dbt asks for the columns of an input some twenty times: in a table they are at hand,
    and tables of the build file are not there otherwise.
    Returns: the variables that name the copies; findings on rows that do not read and
    expressions that do not compute.
    """
    variables, sources, findings = {}, {}, []
    with duckdb.connect(DATABASE) as connection:
        connection.execute("set preserve_insertion_order = false; create schema given")
        attach_tables(inputs, connection)
        for name, given in inputs.items():
            source = sources[name] = source_of(given)
            if source is None or source.startswith("read_parquet"):
                continue
            table = f"{DATABASE.stem}.given.{name}"
            try:
                connection.execute(f"create table {table} as from {source}")
            except duckdb.Error as error:
                findings.append(unreadable_source(given, error))
                continue
            sources[name] = table
            variables[f"input_{name}"] = {
                "from": f"given.{name}",
                "columns": given.columns,
                "values": given.values,
            }
        if not findings:
            findings = list(check_all_values(inputs, sources, connection))
    return variables, findings


def check_all_values(inputs, sources, connection):
    """Findings on the values of all inputs, read from where they are."""
    for name, source in sources.items():
        if source is not None:
            yield from check_values(inputs[name], source, connection)


def changed(variables):
    """The variables that are not as dbt_project.yml has them."""
    defaults = project_variables()
    return {name: value for name, value in variables.items() if value != defaults[name]}


def sentence(message):
    """What a dbt message says, without where in its code."""
    lines = [line.strip() for line in str(message).splitlines()]
    kept = []
    for line in lines:
        if line.startswith(("> in macro", "compiled code at", "LINE ")):
            break
        if line and not re.match(r"(Compilation|Runtime|Database) Error", line):
            kept.append(line)
    return shown(" ".join(kept), 500)


# Reading the audit -------------------------------------------------------------------


def read_audit(connection, contract, variables):
    """Everything the audit tables and the staging say, as findings."""
    yield from broken_rules(connection, contract)
    yield from refused_values(connection, contract)
    yield from empty_inputs(connection, contract)
    yield from mixed_currencies(connection, variables)
    yield from short_history(connection, variables)
    for name, column in TIMES.items():
        yield from strange_hours(connection, name, column, variables)


def broken_rules(connection, contract):
    """One finding per input and rule: how many rows break it, with examples."""
    reasons = yaml.safe_load(REASONS.read_text(encoding="utf-8"))
    broken = connection.execute("""
        select input_name, code, count(*), any_value(raw_count), min(row_key, 3)
        from (
            select *, unnest(string_split(all_reason_codes, ',')) as code
            from audit_rejected_rows
        )
        join audit_input_reconciliation using (input_name)
        group by 1, 2
    """).fetchall()
    order = list(contract)
    broken.sort(key=lambda row: (order.index(row[0]), -row[2], row[1]))
    for name, code, count, raw_count, keys in broken:
        english, chinese = reasons.get(code, (code, code))
        share = f"{count:,} of {raw_count:,} rows ({count / raw_count:.1%})"
        share_zh = f"{raw_count:,} 行中有 {count:,} 行（{count / raw_count:.1%}）"
        told, told_zh = examples(connection, contract[name], name, code, keys)
        yield Finding(
            "note" if code in ("excluded", "erased") else "warning",
            name,
            f"{share} are rejected as {code}: {english}.{told}",
            f"{share_zh}会因 {code} 被拒绝：{chinese}。{told_zh}",
        )


def examples(connection, spec, name, code, keys):
    """What the rows that break a rule look like, in English and Chinese."""
    columns = spec["columns"]
    if code in TOLD_BY:
        column = TOLD_BY[code]
        values = raw_values(connection, name, code, column)
        known = columns[column].get("known") or []
        advice = f" Map them in input_{name}: values: {{{column}: {{…: …}}}}."
        advice_zh = f"请在 input_{name} 中映射：values: {{{column}: {{…: …}}}}。"
        if column == "currency":
            advice = advice_zh = ""
        if known:
            advice += f" Known: {listed(known)}."
            advice_zh += f"可用的值：{listed(known)}。"
        return f" {column}: {values}.{advice}", f"{column}：{values}。{advice_zh}"
    if code.startswith("unparsable_"):
        parts = [
            f"{column}: {values}"
            for column, rule in columns.items()
            if rule["type"] != "text"
            and (values := unread_values(connection, name, code, column, rule))
        ]
        told = "; ".join(parts)
        return (
            f" {told}. docs/inputs.md says how values are read; an expression in"
            " columns can turn yours into that.",
            f"{told}。读法见 docs/inputs.md；可以在 columns 中用表达式转换。",
        )
    is_private = not PRIVATE.isdisjoint(spec["key"])
    keys = [] if is_private else [shown(key) for key in keys or []]
    if not keys:
        return "", ""
    return f" For example {', '.join(keys)}.", f"例如 {', '.join(keys)}。"


def raw_values(connection, name, code, column):
    """The most frequent raw values of a column in the rows that break a rule."""
    rows = connection.execute(
        f"""
        select raw_record ->> {json_key(connection, name, column)}, count(*)
        from audit_rejected_rows
        where
            input_name = {literal(name)}
            and list_contains(string_split(all_reason_codes, ','), {literal(code)})
        group by 1
        order by 2 desc, 1
        """
    ).fetchall()
    return counted(rows, column, 2 * EXAMPLES)


def unread_values(connection, name, code, column, rule):
    """The most frequent values of a column that were there and are not read; or ""."""
    exists = connection.execute(
        "select 1 from duckdb_columns() where table_name = ? and column_name = ?",
        [f"base_shop__{name}", column],
    ).fetchone()
    if not exists:
        return ""
    # A default stands where nothing could be read, too.
    default = rule.get("default")
    is_default = (
        f"(read = {default} and try_cast(written as double) is distinct from {default})"
        if isinstance(default, int)
        else "false"
    )
    rows = connection.execute(
        f"""
        with cells as (
            select
                {column} as read,
                trim(raw_record ->> {json_key(connection, name, column)}) as written
            from base_shop__{name}
            where list_contains(string_split(all_reason_codes, ','), {literal(code)})
        )
        select written, count(*) from cells
        where written <> '' and (read is null or {is_default})
        group by 1
        order by 2 desc, 1
        """
    ).fetchall()
    return counted(rows, column, are_codes=False)


def json_key(connection, name, column):
    """SQL of the path of a column in raw_record, where it keeps its owner's case."""
    found = connection.execute(
        "select json_keys(raw_record) from audit_rejected_rows where input_name = ?"
        " limit 1",
        [name],
    ).fetchone()
    keys = found[0] if found else []
    key = next((key for key in keys if key.lower() == column), column)
    return literal(f'$."{key}"')


def counted(rows, column, limit=EXAMPLES, are_codes=True):
    """Values and how often each occurs, the most frequent ones: "x (3), y (1)".

    are_codes: they are names that the shop chose, and no person has written them.
    """
    if column in PRIVATE:
        return f"{sum(count for _, count in rows):,}" if rows else ""
    text = ", ".join(
        f"{'…' if is_free_text(str(value)) and not are_codes else shown(str(value))}"
        f" ({count:,})"
        for value, count in rows[:limit]
    )
    return f"{text}, … (+{len(rows) - limit:,})" if len(rows) > limit else text


def refused_values(connection, contract):
    """One finding per optional column in which values become null."""
    refused = connection.execute("""
        select input_name, column_name, nulled_count from audit_nulled_attributes
    """).fetchall()
    order = list(contract)
    refused.sort(key=lambda row: (order.index(row[0]), row[1]))
    for name, column, count in refused:
        rows = connection.execute(
            f"""
            select {column}_nulled_value, count(*) from base_shop__{name}
            where reason_code is null and {column}_nulled_value is not null
            group by 1
            order by 2 desc, 1
            """
        ).fetchall()
        allowed = contract[name]["columns"][column].get("allowed")
        is_told = rows and column not in PRIVATE
        told = counted(rows, column, are_codes=bool(allowed)) if is_told else ""
        yield Finding(
            "warning",
            name,
            f"{count:,} values of {column} cannot be read or are not allowed and become"
            " empty; their rows stay."
            + (f" {told}." if told else "")
            + (
                f" Allowed: {listed(allowed)}; map them with values." if allowed else ""
            ),
            f"{column} 有 {count:,} 个值无法识别或不允许，会变成空值，行仍保留。"
            + (f"{told}。" if told else "")
            + (f"允许的值：{listed(allowed)}，请用 values 映射。" if allowed else ""),
        )


def empty_inputs(connection, contract):
    """Required inputs of which no row counts."""
    for name, raw_count in connection.execute("""
        select input_name, raw_count from audit_input_reconciliation
        where accepted_count = 0
    """).fetchall():
        if contract[name]["required"]:
            yield Finding(
                "warning",
                name,
                f"None of its {raw_count:,} rows is accepted: marts that need it will"
                " be empty.",
                f"{raw_count:,} 行中没有一行被接受，依赖它的表会是空的。",
            )


def mixed_currencies(connection, variables):
    """Orders in several currencies whose amounts would be added up."""
    rows = connection.execute("""
        select currency, count(*) from base_shop__orders
        where reason_code is null and currency is not null
        group by 1
        order by 2 desc, 1
    """).fetchall()
    if len(rows) > 1 and not variables["reporting_currency"]:
        values = counted(rows, "currency", 2 * EXAMPLES)
        yield Finding(
            "warning",
            "orders",
            f"Orders are in {len(rows)} currencies, {values}, and their amounts would"
            f" be added up. Convert them in an expression, or set reporting_currency:"
            f" {shown(rows[0][0])} to reject the others.",
            f"订单有 {len(rows)} 种币种：{values}，金额会直接相加。请用表达式换算，"
            f"或设置 reporting_currency: {shown(rows[0][0])} 来拒绝其他币种。",
        )


def short_history(connection, variables):
    """Windows that look back further than the data go."""
    first_dates = dict(
        connection.execute(
            "select input_name, first_date from audit_input_reconciliation"
            " where first_date is not null"
        ).fetchall()
    )
    [end] = connection.execute("select as_of_date from stg_shop__clock").fetchone()
    activity = [ACTIVITY_INPUTS[name] for name in variables["churn_activity"]]
    for windows, inputs in ((ORDER_WINDOWS, ["orders"]), (ACTIVITY_WINDOWS, activity)):
        starts = [first_dates[name] for name in inputs if name in first_dates]
        if not starts or end is None:
            continue
        start = min(starts)
        days = (end - start).days + 1
        longer = [
            f"{name} ({variables[name]})"
            for name in windows
            if variables[name] is not None and variables[name] > days
        ]
        if longer:
            yield Finding(
                "warning",
                ", ".join(inputs),
                f"History has {days:,} days ({start} to {end}), fewer than"
                f" {', '.join(longer)}: what happened before is read as nothing. Export"
                " more, or set shorter windows.",
                f"历史只有 {days:,} 天（{start} 至 {end}），短于 {', '.join(longer)}："
                "更早发生的事会被当作没有。请导出更长的历史，或缩短这些窗口。",
            )


def strange_hours(connection, name, column, variables):
    """Times that look as if they were read in the wrong zone: no more than a hint."""
    zone = variables["business_timezone"]
    times = f"""
        select ({column} at time zone 'UTC') at time zone {literal(zone)} as local_time
        from base_shop__{name}
        where reason_code is null
    """
    by_hour = dict(
        connection.execute(
            f"select hour(local_time), count(*) from ({times}) group by 1"
        ).fetchall()
    )
    total = sum(by_hour.values())
    if total < MIN_TIMES:
        return
    time, count = connection.execute(
        f"select local_time::time, count(*) from ({times}) group by 1"
        " order by 2 desc, 1 limit 1"
    ).fetchone()
    if count > 0.9 * total:
        if str(time) != "00:00:00":
            yield dates_only(name, column, time, count / total, variables)
        return
    quiet, start = min(
        (sum(by_hour.get((hour + i) % 24, 0) for i in range(6)) / total, hour)
        for hour in range(24)
    )
    night = sum(by_hour.get(hour, 0) for hour in range(6)) / total
    if night > 0.5 or (night > 0.25 and quiet <= 0.1):
        shift = (1 - start + 12) % 24 - 12
        yield displaced_hours(name, column, night, start, shift, variables)


def dates_only(name, column, time, share, variables):
    """Dates without a time of day that are not midnight where the business is."""
    zones = f"{variables['input_timezone']} / {variables['business_timezone']}"
    return Finding(
        "warning",
        name,
        f"{share:.0%} of {column} are at {time} local time: they seem to be dates"
        " without a time, read in another zone than the business's, and may fall on"
        f" the wrong day. input_timezone / business_timezone: {zones}; set both alike.",
        f"{column} 有 {share:.0%} 在当地时间 {time}：看来只有日期没有时刻，"
        "并且按别的时区读取，可能落在错误的日期。"
        f"input_timezone / business_timezone：{zones}，请设成一样。",
    )


def displaced_hours(name, column, night, start, shift, variables):
    """Most happens at night, or the quiet hours lie in the day."""
    quiet = f"{start:02d}:00–{(start + 6) % 24:02d}:00"
    zones = (
        f"input_timezone {variables['input_timezone']},"
        f" business_timezone {variables['business_timezone']}"
    )
    return Finding(
        "warning",
        name,
        f"The time zone looks wrong: {night:.0%} of {column} lie between 00:00 and"
        f" 06:00, and the quietest hours are {quiet}. Moved by {shift:+d} hours those"
        f" would be at night. Check {zones}. Only a hint: a night shop, batch jobs or"
        " customers abroad look the same.",
        f"时区可能不对：{column} 有 {night:.0%} 在 0 点到 6 点之间，最安静的时段是"
        f" {quiet}。移动 {shift:+d} 小时后才落在夜里。请检查 {zones}。"
        "这只是提示：夜间店铺、批量任务或海外客户看起来也一样。",
    )


def row_counts(connection):
    """Lines of a table: what becomes of the rows of every input."""
    rows = connection.execute("""
        select input_name, raw_count, accepted_count, rejected_count,
            first_date, last_date
        from audit_input_reconciliation
        where raw_count > 0
        order by raw_count desc
    """).fetchall()
    heads = ("input", "rows", "accepted", "rejected", "first date", "last date")
    lines = ["{:18}{:>12}{:>12}{:>12}  {:12}{}".format(*heads)]
    lines += [
        f"{name:18}{raw:>12,}{accepted:>12,}{rejected:>12,}"
        f"  {first or '–'!s:12}{last or '–'!s}"
        for name, raw, accepted, rejected, first, last in rows
    ]
    return lines


# Telling ----------------------------------------------------------------------------


def report(findings, lines):
    """Print what was found, the worst first, and what becomes of the rows."""
    for level, level_zh in LEVELS.items():
        for finding in findings:
            if finding.level == level:
                print(f"{level}: {finding.place}: {finding.english}")
                print(f"{level_zh}：{finding.place}：{finding.chinese}\n")
    if lines:
        print(*lines, sep="\n")
        print()


def verdict(findings):
    """The last line, and the exit code."""
    counts = {
        level: sum(finding.level == level for finding in findings) for level in LEVELS
    }
    if counts["error"]:
        return f"Cannot build: {counts['error']} errors. 无法构建。", 2
    if counts["warning"]:
        return f"Can build, with {counts['warning']} warnings. 可以构建，有警告。", 1
    return "Can build. 可以构建。", 0


def main():
    """Examine, report, and end with the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--vars", type=Path, help="the file of variables")
    parser.add_argument("--before-build", action="store_true")
    parser.add_argument("--target", default="duckdb", help="where the build runs")
    arguments = parser.parse_args()
    try:
        findings, lines = examine(
            arguments.vars, arguments.before_build, arguments.target
        )
    except (duckdb.Error, OSError) as error:
        reason = shown(str(error).splitlines()[0], 300)
        findings = [
            Finding("error", "doctor", f"It failed: {reason}", f"失败：{reason}")
        ]
        lines = []
    if arguments.before_build:
        findings = [finding for finding in findings if finding.level == "error"]
    report(findings, lines)
    text, code = verdict(findings)
    if not arguments.before_build or code:
        print(text)
    # A build can go on with warnings.
    sys.exit(code if code != 1 or not arguments.before_build else 0)


if __name__ == "__main__":
    main()
