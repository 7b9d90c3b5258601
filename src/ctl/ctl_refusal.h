/* ctl_refusal - what the server refused, told to a person. */
#pragma once

#include "base/str.h"

#include <stdio.h>

/* error: the inner object of a refusal. Prints its text, and its hint on a second line. */
void ctl_refusal_explain(struct str error, FILE *file);
