"""The command line. Nothing heavy is imported before it is needed: --help answers at once."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

app = typer.Typer(
    name="guidance-atlas",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="How often do people ask an assistant for personal guidance, about what, and where does it please them?\n\n"
    "Exit codes: 0 done, 2 wrong option or setting, 3 source cannot be read, 4 unsound plan, 5 run root cannot be "
    "used, 6 masked text still looks private, 7 a head cannot be used, 8 a stage failed, 9 a check found faults, "
    "10 the privacy budget is spent, 11 earlier releases forbid a new one, 12 nobody is stored under a key to be "
    "forgotten, 70 an error of the program's own, 130 interrupted (finished parts are kept).",
)

_INTERRUPTED = 130


def _private(root: Path | None) -> Path | None:
    from guidance_atlas.modes import check_modes

    return root and check_modes(root)


# Every command that takes a root looks first whether what is private there is open to others.
Root = Annotated[Path, typer.Option("--root", help="Run root: vault, databases, releases.", callback=_private)]
Config = Annotated[Path | None, typer.Option("--settings", help="TOML file of settings.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of tables.")]


@app.command()
def run(
    sources: Annotated[list[str], typer.Argument(help="Files, globs, folders, or - for standard input.")],
    root: Root = Path("atlas"),
    settings: Config = None,
    format: Annotated[str | None, typer.Option(help="Format of the sources; default: told per file.")] = None,
    workers: Annotated[int | None, typer.Option(help="Processes side by side.")] = None,
    since: Annotated[str | None, typer.Option(help="First UTC day to keep, YYYY-MM-DD.")] = None,
    until: Annotated[str | None, typer.Option(help="Last UTC day to keep, YYYY-MM-DD.")] = None,
    model: Annotated[list[str] | None, typer.Option(help="Assistant's model to keep; may be given again.")] = None,
    one_per_person: Annotated[bool | None, typer.Option("--one-per-person", help="One conversation each.")] = None,
    estimate: Annotated[bool, typer.Option("--estimate", help="Only tell what it would take; write nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Read conversations, find the guidance among them, publish atlas.duckdb and a release."""
    ingest = {"format": format, "since": since, "until": until, "models": model, "one_per_person": one_per_person}
    given = {name: value for name, value in ingest.items() if value}
    chosen = _settings(settings, ingest=given, run={"workers": workers} if workers is not None else {})
    if estimate:
        _estimate(sources, root, chosen, as_json=as_json)
        return
    from guidance_atlas.batch import expected_bytes
    from guidance_atlas.batch import run as run_batch
    from guidance_atlas.show import show_answer, watching

    with watching(expected_bytes(sources, root=root)) as watch:
        ran = run_batch(sources, root=root, settings=chosen, watch=watch)
    show_answer(root, ran, as_json=as_json)


@app.command()
def plan(settings: Config = None, as_json: Json = False) -> None:
    """Print the data flow: every stage, what it reads and writes, where exposure falls."""
    chosen = _settings(settings)
    from guidance_atlas.chain import describe
    from guidance_atlas.plan import plan as make_plan
    from guidance_atlas.show import show_plan

    show_plan(describe(make_plan(chosen, b"the plan needs no secret")), as_json=as_json)


@app.command()
def status(root: Root = Path("atlas"), as_json: Json = False) -> None:
    """Say what the last run came to, and whether one is at work."""
    from guidance_atlas.show import show_status

    show_status(root, as_json=as_json)


@app.command()
def export(
    root: Root = Path("atlas"),
    settings: Config = None,
    least_people: Annotated[int | None, typer.Option(help="People behind a released number, the fewest.")] = None,
    round_to: Annotated[int | None, typer.Option(help="Round released counts to multiples of this.")] = None,
    public: Annotated[bool, typer.Option("--public", help="Differentially private; needs the next four.")] = False,
    epsilon: Annotated[float | None, typer.Option(help="Public: privacy this release may cost.")] = None,
    delta: Annotated[float | None, typer.Option(help="Public: chance that a rare group shows.")] = None,
    since: Annotated[str | None, typer.Option(help="Public: first UTC day, YYYY-MM-DD.")] = None,
    until: Annotated[str | None, typer.Option(help="Public: last UTC day, YYYY-MM-DD.")] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Public: draw anew and pay again.")] = False,
    as_json: Json = False,
) -> None:
    """Write a release folder from the last run; the same request gives the same files."""
    if public or fresh or any(value is not None for value in (epsilon, delta, since, until)):
        given = {"epsilon": epsilon, "delta": delta, "since": since, "until": until}
        _export_public(root, settings, given, fresh, as_json, public and least_people is None and round_to is None)
        return
    wanted = {"release_people": least_people, "release_round": round_to}
    chosen = _settings(settings, protect={name: value for name, value in wanted.items() if value is not None})
    from guidance_atlas.publish import export_again
    from guidance_atlas.show import show_export

    show_export(export_again(root, settings=chosen), as_json=as_json)


@app.command()
def forget(
    person: Annotated[
        list[str] | None, typer.Option(help="Id of a person in the logs, or a person_key; -: one a line from input.")
    ] = None,
    source_id: Annotated[
        list[str] | None, typer.Option(help="Id of a conversation in the logs, or a conversation_id; or -.")
    ] = None,
    root: Root = Path("atlas"),
    even_if_absent: Annotated[
        bool, typer.Option("--even-if-absent", help="Shut out of later runs whoever is stored nowhere.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Take people or conversations out of the root for good, and count anew; without a key: go over all once more."""
    from guidance_atlas.forget import forget as forget_them
    from guidance_atlas.show import show_forgotten

    people, conversations = _keys(person), _keys(source_id)
    told = forget_them(root, people=people, conversations=conversations, even_if_absent=even_if_absent)
    show_forgotten(told, as_json=as_json)


@app.command()
def sample(
    folder: Annotated[Path, typer.Argument(help="Where to write the world.")] = Path("sample"),
    conversations: Annotated[int, typer.Option(min=1, help="How many conversations.")] = 2_000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same world.")] = 7,
    as_json: Json = False,
) -> None:
    """Write chat logs of invented people, with the truth about them beside."""
    from guidance_atlas.sample.world import write_world
    from guidance_atlas.show import show_world

    show_world(write_world(folder, conversations=conversations, seed=seed), as_json=as_json)


@app.command()
def train(
    data: Annotated[Path, typer.Option(help="Folder of labelled data.")],
    out: Annotated[Path, typer.Option(help="Where weights and cards go.")],
    settings: Config = None,
    seed: Annotated[int, typer.Option(help="Seed of every choice made by chance.")] = 7,
) -> None:
    """Train the heads and the finder of names on labelled data and write their weights and cards."""
    chosen = _settings(settings)
    from guidance_atlas.heads.train import train as train_heads
    from guidance_atlas.heads.train_names import train_names
    from guidance_atlas.show import show_cards

    today = datetime.now(UTC).date()
    heads = train_heads(data, out, seed=seed, model=chosen.embed.model, made_on=today)
    show_cards([*heads, train_names(data, out, seed=seed, made_on=today)])


@app.command()
def label(
    root: Root = Path("atlas"),
    settings: Config = None,
    conversations: Annotated[int, typer.Option(min=2, help="How many, about half of them guidance.")] = 100,
    draw: Annotated[Literal["random", "unsure"], typer.Option(help="unsure: more where the heads doubt.")] = "random",
    seed: Annotated[int, typer.Option(min=0, help="The same seed draws the same ones.")] = 7,
    out: Annotated[Path | None, typer.Option(help="CSV file to write; default: a private one in the root.")] = None,
    terminal: Annotated[bool, typer.Option("--terminal", help="Label here; goes on with what is there.")] = False,
) -> None:
    """Draw conversations of the last run to label by hand, for `evaluate --labels`."""
    chosen = _settings(settings)
    from guidance_atlas.labelling.ask import ask_all
    from guidance_atlas.labelling.draw import Draw
    from guidance_atlas.labelling.measure import make_sheet
    from guidance_atlas.labelling.sheet import already_there, default_path
    from guidance_atlas.labelling.show import show_drawn, show_progress

    asked = Draw(draw, conversations, seed)
    path = out or default_path(root, asked.name)
    if path.exists() and not terminal:
        raise already_there(path)
    if not path.exists():
        show_drawn(make_sheet(root, chosen, asked, out=out), root=root)
    if terminal:
        show_progress(ask_all(path, ask=input, say=sys.stdout.write), path=path, root=root)


@app.command()
def evaluate(
    data: Annotated[Path | None, typer.Option(help="Folder of labelled data.")] = None,
    labels: Annotated[Path | None, typer.Option(help="Your own labels: a sheet of `label`, filled in.")] = None,
    root: Root = Path("atlas"),
    out: Annotated[Path | None, typer.Option(help="With --labels: where cards go; default: cards in the root.")] = None,
    settings: Config = None,
    as_json: Json = False,
) -> None:
    """Measure the heads on dev data beside the floors, or the last run on your own labels; with intervals."""
    chosen = _settings(settings)
    if (data is None) == (labels is None):
        from guidance_atlas.errors import SettingsError

        raise SettingsError("evaluate needs either --data, a folder of labelled data, or --labels, a sheet of label")
    if labels is not None:
        from guidance_atlas.labelling.measure import evaluate_labels
        from guidance_atlas.labelling.show import show_evaluated

        show_evaluated(evaluate_labels(root, chosen, labels, out=out), as_json=as_json)
    elif data is not None:
        from guidance_atlas.heads.evaluate import evaluate as evaluate_heads
        from guidance_atlas.plan import open_readers
        from guidance_atlas.show import show_figures

        encoder, reader = open_readers(chosen)
        figures = evaluate_heads(data, encoder=encoder, reader=reader, folder=chosen.heads.folder)
        show_figures(figures, as_json=as_json)


@app.command()
def sql(
    query: Annotated[str | None, typer.Argument(help="A query; none opens a prompt.")] = None,
    root: Root = Path("atlas"),
    as_json: Json = False,
) -> None:
    """Ask atlas.duckdb, read-only. Without a query: a prompt, one query a line."""
    from guidance_atlas.show import ask_in_turn, show_frame

    if query is not None:
        from guidance_atlas.publish import ask_atlas

        show_frame(ask_atlas(root, query), as_json=as_json)
    else:
        ask_in_turn(root)


@app.command()
def check(root: Root = Path("atlas"), as_json: Json = False) -> None:
    """Run every query of sql/checks over the last run; any row is a fault."""
    from guidance_atlas.publish import check_root
    from guidance_atlas.show import show_checks

    show_checks(check_root(root), as_json=as_json)


@app.command()
def attack(
    root: Annotated[
        Path | None, typer.Option("--root", help="Attack this finished run's files instead.", callback=_private)
    ] = None,
    settings: Config = None,
    conversations: Annotated[int, typer.Option(min=40, help="In the world that goes through the pipeline.")] = 400,
    trials: Annotated[int, typer.Option(min=2, help="How often a guess is made.")] = 40,
    seed: Annotated[int, typer.Option(min=0, help="The same seed makes the same worlds.")] = 7,
    as_json: Json = False,
) -> None:
    """Attack the project itself on planted worlds, and print what an attacker guesses beside a blind guess."""
    chosen = _settings(settings)
    from guidance_atlas.attacks.suite import attack as attack_worlds
    from guidance_atlas.attacks.suite import examine
    from guidance_atlas.attacks.table import show_outcomes

    if root is None:
        outcomes = attack_worlds(chosen, conversations=conversations, trials=trials, seed=seed)
    else:
        outcomes = examine(root)
    show_outcomes(outcomes, as_json=as_json)


def _estimate(sources: list[str], root: Path, chosen: Any, *, as_json: bool) -> None:  # noqa: ANN401 - as in _settings
    from guidance_atlas.estimate import estimate
    from guidance_atlas.show_estimate import show_estimate

    show_estimate(estimate(sources, root=root, settings=chosen), as_json=as_json)


def _export_public(
    root: Path, file: Path | None, given: dict[str, Any], fresh: bool, as_json: bool, alone: bool
) -> None:
    from guidance_atlas.errors import SettingsError

    if not alone:
        raise SettingsError("--epsilon, --delta, --since, --until and --fresh go with --public, and only with it")
    chosen = _settings(file)
    from guidance_atlas.dp.ask import make_ask

    ask = make_ask(**given, conversations=chosen.privacy.conversations, cells=chosen.privacy.cells)
    from guidance_atlas.dp.public import export_public
    from guidance_atlas.show import show_export

    show_export(export_public(root, ask, privacy=chosen.privacy, fresh=fresh), as_json=as_json)


def _keys(given: list[str] | None) -> list[str]:
    """Keys as given; - stands for those on standard input, which no list of processes and no shell history shows."""
    read = [line.rstrip("\r\n") for line in sys.stdin] if "-" in (given or ()) else []
    keys = [one for one in given or () if one != "-"] + [line for line in read if line]
    if given and not keys:
        from guidance_atlas.errors import SettingsError

        raise SettingsError("no key stands on standard input; write one a line")
    return keys


def _settings(file: Path | None, **options: dict[str, Any]) -> Any:  # noqa: ANN401 - imported late
    from guidance_atlas.settings import load_settings

    return load_settings(file, **options)


def main() -> None:
    """Run the command line; every failure is one line on standard error and a documented exit code."""
    try:
        app()
    except (KeyboardInterrupt, SystemExit) as ended:
        if isinstance(ended, SystemExit) and ended.code != _INTERRUPTED:
            raise
        _fail("interrupted; finished parts are kept, run the same command to go on", _INTERRUPTED)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    except Exception as error:
        from guidance_atlas.errors import AtlasError, StoreError
        from guidance_atlas.runner import kind_and_place
        from guidance_atlas.store import refusal

        if isinstance(error, AtlasError):
            _fail(str(error), error.code)
        if reason := refusal(error):
            _fail(f"cannot write {getattr(error, 'filename', None) or 'under the run root'}: {reason}", StoreError.code)
        _fail(f"an error of the program's own: {kind_and_place(error)}; stored parts are safe, please report it", 70)


def _fail(message: str, code: int) -> None:
    sys.stderr.write(f"guidance-atlas: {message}\n")
    sys.exit(code)
