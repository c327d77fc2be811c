"""What the values of charts touch: tables, with one line for each value or group of values."""
