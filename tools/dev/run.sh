# run - written below
