"""An older register, brought in from a CSV file: a million rows, each of them accounted for.

`lines` bytes → rows of cells · `mapping` which column is which field · `survey` the file looked through before anything
is done · `rows` cells → the values of one application · `loading` a batch of them → the register, in one transaction ·
`importing` the whole run · `reconciling` what came of every row · `documents` files by a manifest · `suggesting` a
first mapping from the headings. docs/importing-a-register.md tells councils how.
"""
