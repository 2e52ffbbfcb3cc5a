"""What a table says before it meets a medium: sheets, plain words, words of LaTeX."""
