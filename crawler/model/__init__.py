"""The words all rooms share: frozen items, values that validate themselves, the one exception tree.

Imports nothing of the other rooms; every other room may import it.
"""
