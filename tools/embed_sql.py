#!/usr/bin/env python3
"""Turns migrations NNNN_name.sql, in order from 0001 without a gap, into rows SQL(version, "statement").

usage: embed_sql.py OUTPUT MIGRATION...
"""
import os
import re
import sqlite3
import sys


def statements(text, path):
    statement = ''
    for line in text.splitlines():
        if line.strip() == '' or line.lstrip().startswith('--'):
            continue
        statement += line.strip() + ' '
        if sqlite3.complete_statement(statement):
            yield statement.strip()
            statement = ''
    if statement:
        sys.exit(f'{path}: the last statement has no end')


def rows(paths):
    for expected, path in enumerate(sorted(paths, key=os.path.basename), start=1):
        match = re.fullmatch(r'(\d{4})_\w+\.sql', os.path.basename(path))
        if not match or int(match[1]) != expected:
            sys.exit(f'{path}: expected {expected:04}_name.sql')
        with open(path, encoding='utf-8') as file:
            for statement in statements(file.read(), path):
                text = statement.replace('\\', '\\\\').replace('"', '\\"')
                yield f'SQL({expected}, "{text}")\n'


def main():
    output, *paths = sys.argv[1:]
    text = ''.join(rows(paths))
    with open(output, 'w', encoding='utf-8') as file:
        file.write(text)


main()
