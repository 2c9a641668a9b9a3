"""The error codes that the source uses, found in its text."""

import ast

from tests.architecture.source import python_files


def error_codes():
    """Codes of the error tree's classes, and those given where an error is raised: `SomeError(…, code="…")`."""
    found = set()
    for path, tree in python_files().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                found |= {
                    keyword.value.value
                    for keyword in node.keywords
                    if keyword.arg == "code"
                    and isinstance(keyword.value, ast.Constant)
                    and isinstance(keyword.value.value, str)
                    and _raises(node)
                }
            elif path == "core/errors.py" and isinstance(node, (ast.AnnAssign, ast.Assign)):
                target = node.target if isinstance(node, ast.AnnAssign) else node.targets[0]
                if isinstance(target, ast.Name) and target.id == "code" and isinstance(node.value, ast.Constant):
                    found.add(node.value.value)
    return found


def _raises(call):
    name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
    return name[:1].isupper() or name.startswith("_")
