"""The doctor: every finding once, in both languages, with its exit code."""

import csv
import os
import re
import subprocess
import sys

import doctor
import doctor_inputs
import duckdb
import project
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from convert_to_utf8 import ConversionError, convert
from doctor_inputs import Finding, Input
from oracle.judging import INPUTS, contract
from warehouse import PROJECT

EXAMPLE = PROJECT / "my_shop.example.yml"
REASONS = yaml.safe_load(doctor.REASONS.read_text(encoding="utf-8"))
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def write(path, columns, *rows, encoding="utf-8"):
    """A csv file with a header; returns its path as a text."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows([columns, *rows])
    return str(path)


def required_inputs(folder):
    """Variables of a shop without a fault: one user, one order, one login."""
    user = ["u1", "2024-01-01 09:00:00"]
    order = ["o1", "u1", "2024-01-05 12:00:00", "paid", "10"]
    return {
        "input_users": write(folder / "u.csv", ["user_id", "registered_at"], user),
        "input_orders": write(
            folder / "o.csv",
            ["order_id", "user_id", "ordered_at", "status", "gross_amount"],
            order,
        ),
        "input_logins": write(
            folder / "l.csv", ["user_id", "login_at"], ["u1", "2024-01-06 08:00:00"]
        ),
    }


@pytest.fixture
def check(tmp_path):
    """Write the variables of a shop and return the findings before a build.

    check("a: text"): the file as it is. check(input_orders=...): without faults but
    for these variables.
    """

    def check(text=None, **changes):
        path = tmp_path / "shop.yml"
        given = required_inputs(tmp_path) | changes
        path.write_text(
            text if text is not None else yaml.safe_dump(given, allow_unicode=True),
            encoding="utf-8",
        )
        findings, _ = doctor.examine(path, before_build=True)
        for finding in findings:
            assert CHINESE.search(finding.chinese), finding
            assert finding.english[0].isascii(), finding
        return findings

    return check


def only(findings, level="error"):
    """The one finding there is, which is an error."""
    [finding] = findings
    assert finding.level == level, finding
    return finding


def run(path, folder, cwd=PROJECT, *options):
    """Run the doctor as a user does; returns exit code and output."""
    environment = os.environ | {
        "DBT_TARGET_PATH": str(folder / "target"),
        "CUSTOMER_OPS_DUCKDB": str(folder / "build.duckdb"),
        "PYTHONIOENCODING": "utf-8",
    }
    command = [sys.executable, str(PROJECT / "scripts" / "doctor.py")]
    done = subprocess.run(
        [*command, "--vars", str(path), *options],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    return done.returncode, done.stdout + done.stderr


# The file of variables


def test_a_shop_without_a_fault_can_be_built(check):
    assert check() == []


def test_a_file_of_variables_that_is_not_there_is_named(tmp_path):
    findings, _ = doctor.examine(tmp_path / "nowhere.yml")
    assert "nowhere.yml" in only(findings).place


def test_a_line_that_is_no_yaml_is_named(check):
    assert "line 2 is no YAML" in only(check("a: 1\nb: c: d\n")).english


def test_a_file_without_variables_is_refused(check):
    assert "holds no variables" in only(check("- a\n")).english


def test_a_key_that_is_said_twice_is_named_with_its_line(check):
    text = "input_orders: x.csv\ninput_orders: y.csv\n"
    assert "Line 2 says input_orders a second time" in check(text)[0].english


def test_a_variable_with_a_slip_is_recognised(check):
    finding = only(check(bussiness_timezone="Asia/Shanghai"))
    assert "Did you mean business_timezone?" in finding.english
    assert "是不是 business_timezone" in finding.chinese


def test_a_file_that_leaves_the_orders_to_the_sample_is_refused(check):
    assert "where the orders are" in only(check("churn_after_days: 60\n")).english


def test_without_a_file_the_sample_is_not_looked_at():
    assert doctor.examine(None, before_build=True) == ([], [])


# The variables of inputs


@pytest.mark.parametrize(
    "given", [5, {"columns": {}}, {"from": "o.csv", "cols": {}}, ["o.csv"]]
)
def test_a_variable_that_is_no_location_and_no_mapping_is_refused(check, given):
    assert "input_orders must be a location" in only(check(input_orders=given)).english


def test_a_required_input_that_is_left_out_is_named(check, tmp_path):
    orders = required_inputs(tmp_path)["input_orders"]
    findings = check(f"input_orders: {orders}\n")
    assert [finding.place for finding in findings] == ["users", "logins"]
    assert "This input is required" in findings[0].english


def test_a_column_the_contract_does_not_have_is_recognised(check):
    given = {"from": "o.csv", "columns": {"order_time": "x"}}
    finding = check(input_orders=given)[0]
    assert "There is no column order_time in the contract" in finding.english
    assert "Did you mean order_id?" in finding.english


def test_a_column_that_is_passed_on_is_looked_for_as_a_required_one(check, tmp_path):
    passed = {"customer_columns": {"loyalty_club": "text"}}
    finding = only(check(**passed))
    assert "has no column loyalty_club; it is required" in finding.english
    rows = ["user_id", "registered_at", "Loyalty Club"], ["u1", "2024-01-01", "gold"]
    users = {"from": write(tmp_path / "club.csv", *rows)}
    hint = only(check(input_users=users, **passed)).english
    assert "columns: {loyalty_club: Loyalty Club}" in hint
    users["columns"] = {"loyalty_club": "Loyalty Club"}
    assert check(input_users=users, **passed) == []


def test_values_of_a_column_the_contract_does_not_have_are_recognised(check):
    given = {"from": "o.csv", "values": {"stutus": {"x": "paid"}}}
    assert "Did you mean status?" in check(input_orders=given)[0].english


# Files


def test_a_file_that_is_not_there_is_named_and_the_one_beside_it(check, tmp_path):
    write(tmp_path / "orders_2024.csv", ["x"])
    finding = only(check(input_orders=str(tmp_path / "orders2024.csv")))
    assert "orders2024.csv, and there is none" in finding.english
    assert "orders_2024.csv" in finding.english.split("Beside it")[1]


def test_a_file_that_may_not_be_read_is_named(check, tmp_path, monkeypatch):
    def refuse(path):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(doctor_inputs, "first_bad_line", refuse)
    finding = check()[0]
    assert "u.csv cannot be read: Permission denied" in finding.english


def test_gb18030_is_noticed_with_its_line_and_the_command_mends_it(check, tmp_path):
    columns = ["order_id", "user_id", "ordered_at", "status", "gross_amount", "store"]
    order = ["o1", "u1", "2024-01-05", "paid", "10"]
    path = tmp_path / "sales.csv"
    rows = [[*order, "x"], [*order, "上海店"]]
    location = write(path, columns, *rows, encoding="gb18030")
    finding = only(check(input_orders=location))
    assert "sales.csv is not UTF-8 (line 3)" in finding.english
    command = finding.english.split("name that: ")[1]
    assert finding.chinese.endswith(command)
    options = command.split(" ", 1)[1]
    subprocess.run([sys.executable, *options.split()], cwd=PROJECT, check=True)
    assert check(input_orders=str(tmp_path / "sales_utf8.csv")) == []


def test_utf_16_is_told_from_gb18030_by_its_mark(check, tmp_path):
    location = write(tmp_path / "sales.csv", ["order_id"], encoding="utf-16")
    assert "--from utf-16" in only(check(input_orders=location)).english


@pytest.mark.parametrize("size", [doctor_inputs.CHUNK - 1, doctor_inputs.CHUNK])
def test_a_letter_between_two_chunks_is_no_fault(tmp_path, size):
    path = tmp_path / "x.csv"
    path.write_bytes(b"x" * size + "店\n".encode())
    assert doctor_inputs.first_bad_line(path) is None
    path.write_bytes(b"\n" * size + "店".encode()[:2])
    assert doctor_inputs.first_bad_line(path) == size + 1


def test_files_with_different_columns_are_told(check, tmp_path):
    write(tmp_path / "p1.csv", ["user_id", "login_at", "app"], ["u1", "2024-01-01", ""])
    write(tmp_path / "p2.csv", ["user_id", "login_at"], ["u1", "2024-01-02"])
    finding = only(check(input_logins=str(tmp_path / "p*.csv")))
    assert "different columns" in finding.english
    assert '"app" is missing' in finding.english


@pytest.mark.parametrize("row", ["u1,secret,3,4", "u1"])
@pytest.mark.parametrize("rows", [30, 3_000, 300_000])
def test_rows_with_more_or_fewer_cells_are_told(check, tmp_path, rows, row):
    path = tmp_path / "x.csv"
    good = "u1,2024-01-01\n" * rows
    path.write_text(f"user_id,login_at\n{good}{row}\n", encoding="utf-8")
    finding = only(check(input_logins=str(path)))
    assert "differ in their number of cells" in finding.english
    assert "secret" not in finding.english


def test_lines_above_the_header_are_told(check, tmp_path):
    path = tmp_path / "x.csv"
    rows = "user_id,login_at\nu1,2024-01-01\nu1,2024-01-02\n"
    path.write_text(f"Logins of 2024\n\n{rows}", encoding="utf-8")
    finding = only(check(input_logins=str(path)), "warning")
    assert "is not read as its header, user_id … is" in finding.english
    path.write_text(f'\ufeff\n"{rows[:7]}"{rows[7:]}', encoding="utf-8")
    assert check(input_logins=str(path)) == []


def test_a_damaged_parquet_file_is_told(check, tmp_path):
    (tmp_path / "l.parquet").write_bytes(b"nonsense")
    finding = only(check(input_logins=str(tmp_path / "l.parquet")))
    assert "l.parquet cannot be read" in finding.english


def test_a_table_function_that_fails_is_told(check):
    finding = only(check(input_logins="read_everything('x')"))
    assert "read_everything" in finding.english


@pytest.mark.parametrize("is_there", [True, False])
def test_tables_are_looked_for_in_the_build_file(
    check, tmp_path, monkeypatch, is_there
):
    path = tmp_path / "shop_build.duckdb"
    monkeypatch.setattr(doctor, "BUILD_FILE", path)
    if is_there:
        with duckdb.connect(path) as connection:
            connection.execute("create schema crm")
            connection.execute(
                "create table crm.logins as select 'u1' as user_id, now() as login_at"
            )
    findings = check(input_logins="crm.logins")
    if is_there:
        assert findings == []
    else:
        assert "shop_build.duckdb, and it cannot be opened" in only(findings).english


def test_a_table_that_is_not_there_is_named(check, tmp_path, monkeypatch):
    path = tmp_path / "shop_build.duckdb"
    duckdb.connect(path).close()
    monkeypatch.setattr(doctor, "BUILD_FILE", path)
    assert "crm.logins cannot be read" in only(check(input_logins="crm.logins")).english


# Columns


def test_a_required_column_that_is_missing_is_looked_for(check, tmp_path):
    location = write(tmp_path / "x.csv", ["会员编号", "最近登录时间", "备注"])
    findings = check(input_logins=location)
    first, second = findings
    assert "has no column user_id; it is required. 会员编号 looks like" in first.english
    assert "columns: {user_id: 会员编号}" in first.english
    assert "最近登录时间 looks like" in second.english
    assert "最近登录时间 看起来像" in second.chinese
    assert "There are: 会员编号, 最近登录时间, 备注." in second.english


def test_a_column_that_is_mapped_to_nothing_is_told(check, tmp_path):
    location = write(tmp_path / "x.csv", ["member", "Login Time"])
    columns = {"user_id": "member", "login_at": "login_tine"}
    finding = only(check(input_logins={"from": location, "columns": columns}))
    assert "has no column login_tine, which input_logins maps" in finding.english
    assert "Login Time looks like it" in finding.english


def test_a_place_that_is_no_place_runs_no_sql(check, tmp_path, monkeypatch):
    path = tmp_path / "shop_build.duckdb"
    duckdb.connect(path).close()
    monkeypatch.setattr(doctor, "BUILD_FILE", path)
    location = f"a.b; attach '{tmp_path}/stolen.duckdb' as x"
    assert "cannot be read" in check(input_logins=location)[0].english
    assert not (tmp_path / "stolen.duckdb").exists()


def test_names_in_another_case_are_found(check, tmp_path):
    location = write(tmp_path / "x.csv", ["USER_ID", "Login_At"])
    assert check(input_logins=location) == []


def test_an_optional_column_is_pointed_out_only_where_the_name_says_so(check, tmp_path):
    location = write(tmp_path / "x.csv", ["user_id", "login_at", "设备", "appx"])
    finding = only(check(input_logins=location), "note")
    assert "Column device is not mapped" in finding.english
    assert "columns: {device: 设备}" in finding.chinese


def test_orders_that_say_nobody_are_a_warning(check, tmp_path):
    columns = ["order_id", "ordered_at", "status", "gross_amount", "买家ID"]
    findings = check(input_orders=write(tmp_path / "x.csv", columns))
    finding = next(finding for finding in findings if finding.level == "warning")
    assert "Neither user_id nor guest_email is there" in finding.english
    assert "买家ID looks like one of them" in finding.english


def test_an_expression_that_names_no_column_is_told(check, tmp_path):
    location = write(tmp_path / "x.csv", ["user_id", "ms"], ["u1", "1704412800000"])
    columns = {"login_at": "to_timestamp(try_cast(msec as bigint) / 1000)"}
    finding = only(check(input_logins={"from": location, "columns": columns}))
    assert "Column login_at is mapped to to_timestamp" in finding.english
    assert '"msec" not found' in finding.english


@pytest.mark.parametrize("function", ["cast", "try_cast"])
def test_an_expression_that_single_values_break_is_told(check, tmp_path, function):
    location = write(tmp_path / "x.csv", ["user_id", "ms"], ["u1", "1"], ["u1", "soon"])
    columns = {"login_at": f"to_timestamp({function}(ms as bigint) / 1000)"}
    findings = check(input_logins={"from": location, "columns": columns})
    if function == "try_cast":
        assert findings == []
    else:
        assert "string 'soon'" in only(findings).english
        assert "write try_cast" in only(findings).english


def test_a_value_of_a_private_column_is_in_no_message(check, tmp_path):
    location = write(
        tmp_path / "x.csv", ["user_id", "registered_at", "born"], ["u1", "", "秘密"]
    )
    given = {"from": location, "columns": {"birth_year": "cast(born as integer)"}}
    finding = only(check(input_users=given))
    assert "a value does not fit" in finding.english
    assert "秘密" not in finding.english + finding.chinese


def test_names_of_thousands_of_columns_are_cut_short(check, tmp_path):
    columns = [f"column_{number}" for number in range(10_000)]
    finding = check(input_logins=write(tmp_path / "x.csv", columns))[0]
    assert "column_19 … (+9,980)" in finding.english
    assert len(finding.english) < 800


def test_a_value_cannot_write_to_the_terminal():
    assert doctor_inputs.shown("a\x1b[31m\n\u202eb") == r"a\x1b[31m\n\u202eb"
    assert doctor_inputs.shown("x" * 50) == "x" * 39 + "…"
    assert "anna" not in doctor_inputs.shown("anna@example.com")


def test_hints_name_columns_of_the_contract_and_no_two_of_an_input():
    hints = project.read_hints()
    assert list(hints) == list(contract())
    for name, columns in hints.items():
        known = contract()[name]["columns"]
        assert list(columns) == list(known)
        for column, words in columns.items():
            assert any(CHINESE.search(word) for word in words), column
            assert any(word.isascii() for word in words), column


# Converting


def test_a_converted_file_is_the_same_text_without_a_mark(tmp_path):
    text = "\ufeff订单号,金额\r\no1,¥5\r\n"
    (tmp_path / "a.csv").write_bytes(text.encode("gb18030"))
    convert(tmp_path / "a.csv", tmp_path / "b.csv", "gb18030")
    assert (tmp_path / "b.csv").read_bytes() == text[1:].encode()


@pytest.mark.parametrize(
    ("content", "encoding", "message"),
    [
        (b"a\nb\nc\xff\n", "gb18030", "is not gb18030: line 3 cannot"),
        ("店".encode("gb18030")[:1], "gb18030", "is not gb18030: line 1 cannot"),
        (b"a,b\n", "utf-16", "is not utf-16"),
        (b"a,b\n", "klingon", "There is no encoding klingon"),
        (b"a,b\n", "base64", "There is no encoding base64"),
    ],
)
def test_what_does_not_decode_is_refused_whole(tmp_path, content, encoding, message):
    (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(ConversionError, match=message):
        convert(tmp_path / "a.csv", tmp_path / "b.csv", encoding)
    assert not (tmp_path / "b.csv").exists()


def test_no_file_is_overwritten(tmp_path):
    (tmp_path / "a.csv").write_bytes(b"new")
    (tmp_path / "b.csv").write_bytes(b"old")
    with pytest.raises(ConversionError, match="exists already"):
        convert(tmp_path / "a.csv", tmp_path / "b.csv", "gb18030")
    assert (tmp_path / "b.csv").read_bytes() == b"old"


# The rows


@pytest.fixture(scope="module")
def odd_shop(tmp_path_factory):
    """What the doctor prints of a shop with one fault of every kind."""
    folder = tmp_path_factory.mktemp("odd")
    users = [[f"u{n}", f"2024-01-01 {n % 24:02d}:00:00", ""] for n in range(250)]
    users[1][2], users[2][2], users[3][2] = "男", "男", "女士"
    order = ["u1", "2024-03-01 12:00:00", "paid", "10", "", "CNY"]
    orders = [
        ["good", *order],
        ["twice", *order],
        ["twice", *order],
        ["nobody", "", *order[1:]],
        ["stranger", "u999", *order[1:]],
        ["tomorrow", "u1", "2999-01-01", *order[2:]],
        ["when", "u1", "31/01/2024", *order[2:]],
        ["when2", "u1", "31/01/2024", *order[2:]],
        ["lost1", *order[:2], "丢失", *order[3:]],
        ["much", *order[:3], "¥1,234.50", *order[4:]],
        ["less", *order[:4], "some", "CNY"],
        ["dollar", *order[:5], "USD"],
    ]
    columns = "order_id user_id ordered_at status gross_amount discount_amount currency"
    contact = ["c1", "u1", "smoke", "2024-02-01"]
    inputs = required_inputs(folder) | {
        "input_users": write(
            folder / "users.csv", ["user_id", "registered_at", "gender"], *users
        ),
        "input_orders": write(folder / "orders.csv", columns.split(), *orders),
        "input_logins": {
            "from": write(
                folder / "logins.csv",
                ["会员号", "login_at"],
                *([f"u{n}", f"2024-01-0{n % 9 + 1} 12:00:00"] for n in range(250)),
                # Working hours of Shanghai, in UTC.
                *(
                    ["u1", f"2024-02-{n % 28 + 1:02d} {n % 7:02d}:{n // 28:02d}:00"]
                    for n in range(300)
                ),
            ),
            "columns": {"user_id": "会员号"},
        },
        "input_contacts": write(
            folder / "contacts.csv",
            ["contact_id", "user_id", "channel", "sent_at"],
            contact,
        ),
        "future_cutoff_at": "2026-01-01T00:00:00Z",
    }
    path = folder / "shop.yml"
    path.write_text(yaml.safe_dump(inputs, allow_unicode=True), encoding="utf-8")
    code, output = run(path, folder)
    assert code == 1, output
    return output


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        (
            "orders: 1 of 12 rows (8.3%) are rejected as unknown_status",
            "orders：12 行中有 1 行（8.3%）会因 unknown_status 被拒绝",
        ),
        (" status: 丢失 (1). Map them in input_orders", "status：丢失 (1)。请在"),
        ("rejected as duplicate_key", "主键重复"),
        (" For example twice.", "例如 twice。"),
        ("rejected as missing_customer", "没有客户。例如 nobody"),
        ("rejected as unknown_user", "所指账号不在 users 中。例如 stranger"),
        ("rejected as future_timestamp", "时间在未来。例如 tomorrow"),
        (" ordered_at: 31/01/2024 (2).", "ordered_at: 31/01/2024 (2)。读法"),
        (
            "gross_amount: ¥1,234.50 (1); discount_amount: some (1).",
            "discount_amount: ",
        ),
        (
            "contacts: 1 of 1 rows (100.0%) are rejected as unknown_channel",
            "channel：smoke (1)。",
        ),
        (" Known: push, sms,", "可用的值：push, sms"),
        ("3 values of gender cannot be read", "gender 有 3 个值无法识别"),
        ("男 (2), 女士 (1). Allowed: female, male", "请用 values 映射"),
        ("orders: Orders are in 2 currencies, CNY (2), USD (1)", "订单有 2 种币种"),
        (
            "orders: History has 1 days (2024-03-01 to 2024-03-01), fewer than",
            "历史只有 1 天",
        ),
        ("rfm_window_days (365)", "loyalty_window_days (365)"),
        ("logins, orders: History has 61 days", "threshold_max_days (180)"),
        ("logins: The time zone looks wrong: 47% of login_at", "时区可能不对"),
        ("Only a hint", "这只是提示"),
        ("\norders                      12           3           9  ", ""),
        ("Can build, with", "可以构建，有警告"),
    ],
)
def test_the_doctor_says_what_is_odd(odd_shop, english, chinese):
    assert english in odd_shop
    assert chinese in odd_shop


def test_regular_hours_of_registration_are_not_odd(odd_shop):
    assert "of registered_at" not in odd_shop


def test_the_doctor_says_nothing_twice_and_all_in_both_languages(odd_shop):
    lines = [line for line in odd_shop.splitlines() if line]
    findings = [line for line in lines if line.startswith(("warning: ", "note: "))]
    chinese = [line for line in lines if line.startswith(("警告：", "提示："))]
    assert len(findings) == len(chinese) == len(set(findings))
    assert all(CHINESE.search(line) for line in chinese)


def test_a_clean_shop_gives_0_and_a_wrong_mapping_gives_2(tmp_path):
    given = required_inputs(tmp_path) | dict.fromkeys(
        [*doctor.ORDER_WINDOWS, *doctor.ACTIVITY_WINDOWS], 1
    )
    users = {"from": given["input_users"], "columns": {"club": "'gold'"}}
    given |= {"input_users": users, "customer_columns": {"club": "text"}}
    path = tmp_path / "shop.yml"
    path.write_text(yaml.safe_dump(given), encoding="utf-8")
    code, output = run(path, tmp_path)
    assert (code, output.splitlines()[-1]) == (0, "Can build. 可以构建。")
    # A variable out of its range is dbt's to refuse, with its own sentence.
    path.write_text(yaml.safe_dump(given | {"churn_after_days": 0}), encoding="utf-8")
    code, output = run(path, tmp_path)
    assert code == 2
    assert "The variable churn_after_days is 0; it must be" in output
    path.write_text(yaml.safe_dump(given | {"input_users": "x.csv"}), encoding="utf-8")
    code, output = run(path, tmp_path, PROJECT, "--before-build")
    assert code == 2
    assert "error: users: input_users names the file x.csv" in output
    assert "错误：users：" in output


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        # The peak at 21 of Shanghai, read as UTC and shown in Shanghai: at 5.
        ([5] * 200 + [3] * 80 + [20] * 100 + [1] * 20, "Moved by"),
        ([20] * 200 + [12] * 100 + [3] * 20, None),
        (list(range(24)) * 20, None),
        ([5] * 150, None),
    ],
)
def test_hours_are_odd_where_nights_are_busy_and_days_are_quiet(times, expected):
    with duckdb.connect() as connection:
        connection.execute(
            "create table base_shop__orders as select null as reason_code,"
            " timestamp '2024-01-01' + unnest($1) * interval '1 hour'"
            "   + unnest(range(len($1))) * interval '1 second' as ordered_at",
            [times],
        )
        zones = {"business_timezone": "UTC", "input_timezone": "UTC"}
        findings = list(doctor.strange_hours(connection, "orders", "ordered_at", zones))
    assert bool(findings) == bool(expected)
    if expected:
        assert expected in only(findings, "warning").english


@pytest.mark.parametrize(
    ("zone", "is_odd"), [("UTC", False), ("America/New_York", True)]
)
def test_dates_without_a_time_are_odd_where_they_are_not_midnight(zone, is_odd):
    with duckdb.connect() as connection:
        connection.execute(
            "create table base_shop__orders as select null as reason_code,"
            " timestamp '2024-01-01' as ordered_at from range(300)"
        )
        zones = {"business_timezone": zone, "input_timezone": "UTC"}
        findings = list(doctor.strange_hours(connection, "orders", "ordered_at", zones))
    assert [finding.level for finding in findings] == ["warning"] * is_odd
    assert not is_odd or "100% of ordered_at are at 19:00:00" in findings[0].english


def test_every_reason_code_has_words_in_both_languages():
    page = (PROJECT / "docs" / "inputs.md").read_text(encoding="utf-8")
    rules = page.split("### Rules of every input")[1].split("### Accepted")[0]
    codes = set(re.findall(r"^\|(?: [a-z_]+ \|)? `([a-z_]+)` \|", rules, re.MULTILINE))
    assert len(codes) > 30
    assert codes == set(REASONS)
    for english, chinese in REASONS.values():
        assert english.isascii()
        assert CHINESE.search(chinese)


def test_windows_are_variables_of_the_project():
    windows = {*doctor.ORDER_WINDOWS, *doctor.ACTIVITY_WINDOWS}
    assert windows <= set(doctor_inputs.project_variables())


def test_on_other_engines_only_the_mapping_is_checked(tmp_path):
    path = tmp_path / "shop.yml"
    path.write_text(
        "input_orders: crm.orders\ninput_users: crm.users\ninput_logins: crm.logins\n",
        encoding="utf-8",
    )
    findings, _ = doctor.examine(path, engine="postgres")
    assert "Only the mapping was checked" in only(findings, "note").english


def test_the_verdict_is_that_of_the_worst_finding():
    def code(*levels):
        return doctor.verdict([Finding(level, "", "", "") for level in levels])[1]

    assert [
        code(),
        code("note"),
        code("note", "warning"),
        code("warning", "error"),
    ] == [
        0,
        0,
        1,
        2,
    ]


# The example


def example_inputs():
    """The inputs of the example file."""
    given = yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))
    inputs, findings = doctor_inputs.given_inputs(
        doctor_inputs.project_variables() | given, contract()
    )
    assert findings == []
    return inputs


def test_the_example_names_every_input_and_only_columns_of_the_contract():
    assert sorted(example_inputs()) == sorted(INPUTS)


def test_the_example_says_which_values_are_ours():
    for given in example_inputs().values():
        for column, values in given.values.items():
            spec = contract()[given.name]["columns"][column]
            known = spec.get("known") or spec.get("allowed")
            if column == "status":
                known = doctor_inputs.project_variables()["order_statuses"]
            assert set(values.values()) <= set(known or values.values())


def test_a_shop_with_the_headers_of_the_example_is_wholly_accepted(tmp_path):
    shop = {
        "users": {"会员号": "u1", "注册时间": "2024-01-01", "来源渠道": "抖音",
                  "手机号": "1", "性别": "女", "出生日期": "1990-02-03"},
        "orders": {"订单号": "o1", "会员号": "u1", "下单时间": "1704412800000",
                   "状态": "已付款", "金额": "¥1,234.50", "优惠": "4.5"},
        "logins": {"member_id": "u1", "login_time": "2024-01-06"},
        "order_items": {"订单号": "o1", "行号": "1", "商品编号": "i1", "数量": "2",
                        "单价": "5", "成本价": "3", "类目": "tea"},
        "refunds": {"退款单号": "r1", "订单号": "o1", "退款时间": "2024-01-07",
                    "退款金额": "1"},
        "events": {"id": "e1", "member_id": "u1", "action": "browse",
                   "ts": "2024-01-04"},
        "referrals": {"邀请编号": "i1", "邀请人": "u1", "被邀请人": "",
                      "邀请时间": "2024-01-08", "接受时间": ""},
        "marketing_spend": {"日期": "2024-01-01", "渠道": "抖音", "花费": "9",
                            "曝光": "100", "点击": "3"},
        "operating_costs": {"费用编号": "c1", "日期": "2024-01-09", "类型": "客服",
                            "金额": "2"},
        "contacts": {"消息编号": "m1", "会员号": "u1", "方式": "短信",
                     "发送时间": "2024-01-10"},
        "survey_responses": {"response_id": "s1", "survey_type": "nps",
                             "user_id": "u1", "responded_at": "2024-01-11",
                             "score": "9"},
        "identities": {"会员号": "u1", "类型": "手机", "标识": "1",
                       "绑定时间": "2024-01-02"},
        "experiments": {"实验编号": "x1", "会员号": "u1", "分组": "a",
                        "分组时间": "2024-01-12"},
        "points_ledger": {"流水号": "t1", "会员号": "u1", "变动时间": "2024-01-12",
                          "类型": "获得", "积分": "10"},
        "deals": {"商机编号": "d1", "阶段": "线索", "进入时间": "2024-01-12",
                  "金额": "1000", "公司": "A", "负责人": "B"},
        "promotions": {"promotion_id": "p1", "promotion_type": "trial",
                       "starts_at": "2024-01-01", "trial_days": "7"},
    }  # fmt: skip
    for given in example_inputs().values():
        row = shop[given.name]
        path = tmp_path / given.location.replace("*", "1")
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".csv":
            write(path, list(row), list(row.values()))
        else:
            pq.write_table(pa.Table.from_pylist([row]), path)
    # Paths count from the folder in which it runs.
    code, output = run(EXAMPLE, tmp_path, tmp_path)
    counts = re.findall(r"^(\w+) +1 +(\d) +(\d)  ", output, re.MULTILINE)
    assert sorted(counts) == sorted((name, "1", "0") for name in INPUTS), output
    assert code == 1  # history is short
    # Nothing of her data stays behind.
    assert list(tmp_path.glob("target/doctor/*.duckdb*")) == []
    assert "rejected" not in output.split("\ninput ")[0]


def test_the_example_is_read_as_the_project_reads_it():
    given = example_inputs()["survey_responses"]
    assert given == Input("survey_responses", "data/surveys.csv", {}, {})
