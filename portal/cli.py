"""The `portal` command. Each command's module is loaded when it is called, not before."""

import os
from importlib import import_module

import click
from flask.cli import ScriptInfo
from pydantic import ValidationError
from sqlalchemy.exc import OperationalError

from portal import create_app

# numpy's own threads gain nothing on matrices as small as ours, and take the processors from
# whoever is served meanwhile. Said here, before a command loads it.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# name: where it is, what it does. A command that works on the database is decorated with
# flask.cli.with_appcontext, which makes the application by the `create_app` given below.
COMMANDS = {
    "demo": ("portal.demo.commands:demo", "Make a demonstration city and serve it."),
    "import": ("portal.imports.commands:import_command", "Import master data from CSV files."),
    "print": ("portal.counters.commands:print_command", "Print codes on posters, cards, labels."),
    "release": ("portal.records.commands:release", "Let figures and comments move on now."),
    "close-period": ("portal.records.commands:close_period", "Close a quarter: freeze its scores."),
    "replay-decision": (
        "portal.records.commands:replay_decision",
        "Recompute the evidence of a decision.",
    ),
    "verify": ("portal.records.commands:verify", "Recompute stored figures from the ratings."),
    "skm": ("portal.survey.commands:skm", "Compute the satisfaction index (IKM) of a file."),
    "score": ("portal.operations.score_command:score", "Score the ratings of a file."),
    "simulate": ("portal.operations.score_command:simulate", "Invent ratings with known truth."),
    "serve": ("portal.operations.serving:serve", "Serve the portal over HTTP."),
    "tick": ("portal.operations.due_work:tick", "Do all work that is due."),
    "upgrade": ("portal.operations.upgrading:upgrade", "Bring the database up to this version."),
    "export": (
        "portal.operations.exporting:export",
        "Write a period's released ratings as CSV, XLSX or Parquet.",
    ),
    "check-seals": (
        "portal.operations.seals_command:check_seals",
        "Compare the whole audit log with the seals of its days.",
    ),
    "doctor": ("portal.operations.doctor:doctor", "Check the installation."),
    "backup": ("portal.operations.backup:backup", "Write a checked backup of the database."),
    "restore": ("portal.operations.restore:restore", "Restore a backup into an empty database."),
    "create-account": (
        "portal.operations.accounts:create_account",
        "Create an account, such as the first administrator's.",
    ),
    "integrity-key": (
        "portal.integrity.commands:integrity_key",
        "Make or replace the key of reports to the inspectorate.",
    ),
    "languages": (
        "portal.operations.languages_command:languages",
        "List the languages of citizens' pages, or begin a new one.",
    ),
    "settings": ("portal.operations.settings_command:settings", "Show or document the settings."),
}


class LazyGroup(click.Group):
    """A group that knows its commands by name and loads the one that is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, attribute = COMMANDS[cmd_name][0].split(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][1]) for name in self.list_commands(ctx)])

    def invoke(self, ctx: click.Context) -> object:
        """Trouble that the caller can mend is told in one line, not in a traceback."""
        try:
            return super().invoke(ctx)
        except ValidationError as error:
            raise _in_words(error) from None
        except OperationalError as error:
            raise click.ClickException(f"the database does not answer: {error.orig}") from None


def _in_words(error: ValidationError) -> click.UsageError:
    problems = [
        f"PORTAL_{'_'.join(map(str, problem['loc'])).upper()}: {problem['msg']}"
        if problem["loc"]
        else problem["msg"].removeprefix("Value error, ")
        for problem in error.errors()
    ]
    return click.UsageError("these settings are refused: " + "; ".join(problems))


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="The database is the one named by PORTAL_DATABASE_URL; see `portal settings --doc`.",
)
@click.version_option(package_name="suara-loket", prog_name="portal")
@click.pass_context
def main(ctx: click.Context) -> None:
    """Suara Loket: citizens rate the civil servant who served them."""
    ctx.obj = ScriptInfo(create_app=create_app, set_debug_flag=False)


if __name__ == "__main__":
    main(prog_name="portal")
