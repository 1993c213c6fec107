"""What is sent -> the bytes of one file, spooled, and their text. The first step."""
