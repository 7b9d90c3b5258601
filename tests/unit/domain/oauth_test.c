#include "domain/oauth.h"

#include "base/crypto.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { NOW = 1000000, PAGE_MS = 5000 };

static const uint8_t KEY[OAUTH_KEY_BYTES] = {1, 2, 3};

static int set_up(void **state)
{
    const struct oauth_config config = {.key = KEY, .page_ms = PAGE_MS};

    assert_int_equal(crypto_init(), ERR_NONE);
    *state = oauth_new(&config);
    return 0;
}

static int tear_down(void **state)
{
    oauth_free(*state);
    oauth_free(NULL);
    return 0;
}

static void urls_that_lead_to_an_app_may_be_registered(void **state)
{
    static const char *const urls[] = {
        "https://panel.example.com/done", "http://192.0.2.7:8080", "https://[2001:db8::7]:1/?a=b",
        "com.example.panel://done",       "https://e.com?next",
    };

    (void)state;
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++)
        assert_true(oauth_is_url(str_of(urls[i])));
}

static void urls_that_could_run_lead_elsewhere_or_need_quoting_may_not(void **state)
{
    static const char *const urls[] = {
        "",
        "panel.example.com/done",
        "/done",
        "javascript:alert(1)",
        "data:text/html,x",
        "https:panel.example.com",
        "https://",
        "https:///done",
        "https://user@panel.example.com/",
        "https://panel.example.com;script-src/",
        "https://panel.example.com/ done",
        "https://panel.example.com/#done",
        "https://panel.example.com/{done}",
        "https://panel.example.com/\"",
        "https://panel.example.com/\r\nA: b",
        "https://panel.example.com\\@evil.example.com",
    };
    char large[STORE_OAUTH_URL_CAP + 1] = "https://panel.example.com/";

    (void)state;
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++)
        assert_false(oauth_is_url(str_of(urls[i])));
    memset(large + strlen(large), 'x', sizeof large - strlen(large));
    assert_false(oauth_is_url((struct str){large, STORE_OAUTH_URL_CAP}));
    assert_true(oauth_is_url((struct str){large, STORE_OAUTH_URL_CAP - 1}));
}

static struct oauth_page page_of(struct str appid, struct str url)
{
    return (struct oauth_page){.request = {.appid = appid, .url = url, .state = STR("s")},
                               .cookie = STR("c"),
                               .made_ms = NOW};
}

static bool holds(struct oauth *oauth, const struct oauth_page *sealed,
                  const struct oauth_page *shown, int64_t wall_ms)
{
    char seal[OAUTH_SEAL_CAP];

    oauth_seal(oauth, sealed, seal);
    return oauth_is_sealed(oauth, shown, str_of(seal), wall_ms);
}

static void a_seal_holds_for_its_page_alone(void **state)
{
    struct oauth *oauth = *state;
    const struct oauth_page page = page_of(STR("app"), STR("https://a"));
    const struct oauth_page moved = page_of(STR("apphttps"), STR("://a"));
    struct oauth_page other = page;

    assert_true(holds(oauth, &page, &page, NOW));
    assert_false(holds(oauth, &page, &moved, NOW));
    other.cookie = STR("d");
    assert_false(holds(oauth, &page, &other, NOW));
    other = page;
    other.request.state = STR("t");
    assert_false(holds(oauth, &page, &other, NOW));
    other = page;
    other.made_ms++;
    assert_false(holds(oauth, &page, &other, NOW + 1));
}

static void a_seal_without_a_cookie_is_none(void **state)
{
    struct oauth *oauth = *state;
    struct oauth_page page = page_of(STR("app"), STR("https://a"));

    page.cookie = STR_EMPTY;
    assert_false(holds(oauth, &page, &page, NOW));
}

static void a_page_grows_old(void **state)
{
    struct oauth *oauth = *state;
    const struct oauth_page page = page_of(STR("app"), STR("https://a"));

    assert_true(holds(oauth, &page, &page, NOW + PAGE_MS));
    assert_false(holds(oauth, &page, &page, NOW + PAGE_MS + 1));
    assert_false(holds(oauth, &page, &page, NOW - 1));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(urls_that_lead_to_an_app_may_be_registered),
        CASE(urls_that_could_run_lead_elsewhere_or_need_quoting_may_not),
        CASE(a_seal_holds_for_its_page_alone),
        CASE(a_seal_without_a_cookie_is_none),
        CASE(a_page_grows_old),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
