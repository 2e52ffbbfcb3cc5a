"""python -m autodiff is autodiff-trace."""

from autodiff.cli.main import run

run()
