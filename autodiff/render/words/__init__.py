"""What a table says before it meets a medium: sheets, words in ASCII, words of LaTeX."""
