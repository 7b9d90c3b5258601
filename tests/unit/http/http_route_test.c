#include "http/http_route.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const struct http_route routes[] = {
    {.method = {"GET", 3}, .path = {"/things/", 8}, .has_parameter = true},
    {.method = {"DELETE", 6}, .path = {"/things/", 8}, .has_parameter = true},
    {.method = {"GET", 3}, .path = {"/things", 7}},
    {.method = {"GET", 3}, .path = {"/things/status", 14}},
    {.method = {"POST", 4}, .path = {"/things/add", 11}},
};

static const struct http_route_table table = {routes, sizeof routes / sizeof *routes};

static struct str parameter;

static const struct http_route *find(const char *method, const char *path)
{
    parameter = STR_EMPTY;
    return http_route_find(&table, str_of(method), str_of(path), &parameter);
}

static void an_exact_path_comes_first(void **state)
{
    (void)state;
    assert_ptr_equal(find("GET", "/things"), &routes[2]);
    assert_ptr_equal(find("GET", "/things/status"), &routes[3]);
    assert_ptr_equal(find("POST", "/things/add"), &routes[4]);
    assert_ptr_equal(find("HEAD", "/things"), &routes[2]);
}

static void any_other_segment_is_the_parameter(void **state)
{
    (void)state;
    assert_ptr_equal(find("GET", "/things/1000%20"), &routes[0]);
    assert_true(str_eq(parameter, STR("1000%20")));
    assert_ptr_equal(find("DELETE", "/things/1"), &routes[1]);
    assert_true(str_eq(parameter, STR("1")));
    assert_ptr_equal(find("DELETE", "/things/status"), &routes[1]);
    assert_ptr_equal(find("HEAD", "/things/1"), &routes[0]);
}

static void a_parameter_is_one_segment_and_not_empty(void **state)
{
    (void)state;
    assert_null(find("GET", "/things/"));
    assert_null(find("GET", "/things/1/2"));
    assert_null(find("GET", "/things/1/"));
    assert_null(find("PUT", "/things/1"));
    assert_null(find("GET", "/thing"));
}

static void slashes_in_a_row_are_one(void **state)
{
    (void)state;
    assert_ptr_equal(find("GET", "//things"), &routes[2]);
    assert_ptr_equal(find("GET", "/things///status"), &routes[3]);
    assert_ptr_equal(find("GET", "//things//1"), &routes[0]);
    assert_true(str_eq(parameter, STR("1")));
    assert_null(find("GET", "//things//"));
    assert_null(find("GET", "/thi/ngs"));
}

static void every_method_of_a_path_is_allowed(void **state)
{
    struct buf out = BUF_EMPTY;

    (void)state;
    assert_true(http_route_allow(&table, STR("/things/add"), &out));
    assert_true(str_eq(buf_str(&out), STR("Allow: GET, HEAD, DELETE, POST\r\n")));
    buf_clear(&out);
    assert_false(http_route_allow(&table, STR("/things/"), &out));
    assert_int_equal(out.len, 0);
    buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_exact_path_comes_first),
        cmocka_unit_test(any_other_segment_is_the_parameter),
        cmocka_unit_test(a_parameter_is_one_segment_and_not_empty),
        cmocka_unit_test(slashes_in_a_row_are_one),
        cmocka_unit_test(every_method_of_a_path_is_allowed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
