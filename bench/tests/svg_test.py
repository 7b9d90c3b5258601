"""Scales, ticks and shapes; the whole charts are well-formed and say in words what they show."""

import pathlib
import sys
import unittest
import xml.etree.ElementTree

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import charts  # noqa: E402
import figures  # noqa: E402
import plots  # noqa: E402
import svg  # noqa: E402


class Scales(unittest.TestCase):
    def test_values_become_pixels(self):
        scale = svg.Scale((0, 10), (100, 200))
        self.assertEqual([scale(value) for value in (0, 5, 10)], [100, 150, 200])

    def test_decades_are_equally_far_apart(self):
        scale = svg.Scale((1, 100), (300, 100), is_log=True)
        self.assertEqual([round(scale(value), 6) for value in (1, 10, 100)], [300, 200, 100])

    def test_ticks_are_round_and_reach_the_highest(self):
        self.assertEqual(svg.ticks(30, 5), [0, 10, 20, 30])
        self.assertEqual(svg.ticks(31, 5), [0, 10, 20, 30, 40])
        self.assertEqual(svg.log_ticks(1.2, 60), [1, 2, 5, 10, 20, 50, 100])

    def test_places_are_short(self):
        self.assertEqual([svg.place(value) for value in (1.04, 1.06, -0.01, 20)],
                         ["1", "1.1", "0", "20"])


class Labels(unittest.TestCase):
    def test_labels_keep_their_order_and_distance(self):
        self.assertEqual(plots.apart([10, 50], 17), [10, 50])
        near = plots.apart([30, 28, 29], 10)
        self.assertEqual([round(each, 6) for each in near], [39, 19, 29])


class Shapes(unittest.TestCase):
    def test_text_of_others_can_not_become_a_shape(self):
        canvas = svg.Canvas(100, 100, "a < b", "c & d")
        canvas.text((1, 2), "<script>")
        self.assertNotIn("<script>", canvas.render())
        xml.etree.ElementTree.fromstring(canvas.render())


def records():
    found = []
    for peer, factor in (("switchyard", 1), ("echo", 2)):
        for x in (150, 1500, 15000):
            found.append({"measure": "idle", "peer": peer, "x": x, "cpu_us": 400 * factor,
                          "rss_kb_each": 1.5 * factor})
            found.append({"measure": "links", "peer": peer, "x": x, "cpu_us": 20 * factor})
        for low in (0, 1):
            found.append({"measure": "commands", "peer": peer, "cpu_us": 20 * factor + low,
                          "user_us": 8, "system_us": 12})
    return found


class Charts(unittest.TestCase):
    def setUp(self):
        self.drawn = charts.all_of(figures.Figures(records()), cores=2)

    def test_what_has_no_figures_has_no_chart(self):
        self.assertEqual(sorted(self.drawn), ["goals", "idle", "links", "requests"])
        self.assertEqual(charts.all_of(figures.Figures([]), cores=2), {})

    def test_every_chart_is_well_formed_and_stands_in_its_frame(self):
        for name, canvas in self.drawn.items():
            with self.subTest(name):
                root = xml.etree.ElementTree.fromstring(canvas.render())
                width = float(root.get("width"))
                for text in root.iter("{http://www.w3.org/2000/svg}text"):
                    self.assertTrue(0 <= float(text.get("x")) <= width, text.text)

    def test_a_chart_says_in_words_what_it_shows(self):
        told = self.drawn["requests"].told
        self.assertIn("Command app-device-ack-app: Switchyard 20.5, echo (OpenSSL) 40.5", told)
        self.assertIn("Switchyard: 1.50 at 150, 1.50 at 15,000", self.drawn["idle"].told)

    def test_the_same_figures_make_the_same_bytes(self):
        again = charts.all_of(figures.Figures(records()), cores=2)
        for name, canvas in self.drawn.items():
            self.assertEqual(canvas.render(), again[name].render())


if __name__ == "__main__":
    unittest.main()
