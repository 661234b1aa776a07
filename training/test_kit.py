# SPDX-License-Identifier: MIT
"""Smoke test of the kit: python -m unittest test_kit (in this folder). Needs no data, no network.

Pictures are made here; rendering is only tried where RELIEF_ASSETS is set.
"""
import importlib.util
import os
import tempfile
import time
import unittest

import cv2
import numpy as np

try:
    import torch
except ImportError:
    raise unittest.SkipTest("PyTorch is not installed")

import batch_faults
import card
import data
import evaluate
import measures
import export
import faults
import losses
import onnx_file
import pool
from net import DepthNet


def scene(size=(96, 64), near=(20, 50)):
    """A bright box before a ramp: sRGB float [h, w, 3], inverse depth [h, w] in 0..1."""
    w, h = size
    inverse = np.repeat(np.linspace(0, 0.5, h, dtype=np.float32)[:, None], w, 1)
    inverse[near[0]:near[1], near[0]:near[1]] = 1.0
    picture = np.repeat((0.2 + 0.6 * inverse)[..., None], 3, 2)
    return picture.astype(np.float32), inverse


class Losses(unittest.TestCase):
    def setUp(self):
        torch.manual_seed(0)
        self.truth = torch.from_numpy(np.stack([scene((96, 64), (8 * k, 40 + 4 * k))[1]
                                                for k in range(3)]))
        self.mask = torch.ones_like(self.truth, dtype=torch.bool)

    def test_scale_and_shift_are_free(self):
        same = losses.depth_loss(self.truth * 7 + 3, self.truth, self.mask)
        self.assertLess(float(same), 1e-4)

    def test_noise_and_the_wrong_way_round_cost(self):
        flat = losses.depth_loss(torch.rand_like(self.truth), self.truth, self.mask)
        wrong = losses.depth_loss(-self.truth, self.truth, self.mask)
        self.assertGreater(float(wrong), 0.5)
        self.assertGreater(float(flat), 0.5)

    def test_unknown_pixels_do_not_count(self):
        self.mask[:, :16] = False
        broken = self.truth.clone()
        broken[:, :16] = 99
        self.assertLess(float(losses.depth_loss(broken, self.truth, self.mask)), 1e-4)

    def test_nothing_known_is_no_loss(self):
        nothing = torch.zeros_like(self.mask)
        loss = losses.depth_loss(torch.rand_like(self.truth), self.truth, nothing)
        self.assertEqual(float(loss), 0.0)

    def test_flat_pictures_count_less(self):
        flat = self.truth[:1] * 0.02 + 0.9
        both = torch.cat([self.truth, flat])
        weights = losses.weight_of(both, both >= 0)
        self.assertLess(float(weights[3]), 0.5 * float(weights[0]))

    def test_ranking_counts_what_is_in_the_wrong_order(self):
        rank = lambda guess: float(losses.ranking(guess, self.truth, self.mask).mean())
        right, half, wrong = (rank(k * self.truth) for k in (9.0, 0.0, -9.0))
        self.assertLess(right, 0.1)
        self.assertAlmostEqual(half, np.log(2), places=3)
        self.assertGreater(wrong, 10 * half)
        self.assertEqual(float(losses.ranking(self.truth, self.truth, ~self.mask).max()), 0.0)

    def test_a_blurred_edge_costs(self):
        soft = np.stack([cv2.GaussianBlur(t.numpy(), (0, 0), 3) for t in self.truth])
        soft = torch.from_numpy(soft)
        self.assertGreater(float(losses.depth_loss(soft, self.truth, self.mask)), 0.2)

    def test_the_edges_of_a_guess_are_not_learnt(self):
        noisy = self.truth + 0.02 * torch.rand_like(self.truth)
        loss = lambda *exact: float(losses.depth_loss(noisy, self.truth, self.mask, 4, 0, 0,
                                                      torch.tensor(exact)))
        self.assertGreater(loss(1., 1., 1.), 5 * loss(0., 0., 0.))
        self.assertTrue(loss(0., 0., 0.) < loss(0., 1., 0.) < loss(1., 1., 1.))


class Samples(unittest.TestCase):
    def test_a_sample_is_a_function_of_its_seed(self):
        picture, inverse = scene((192, 128), (40, 90))
        known = np.ones(inverse.shape, bool)
        rng = np.random.default_rng
        draw = lambda seed: data.sample(picture, inverse, known, (96, 64), rng(seed))
        for seed in range(40):
            for a, b in zip(draw(seed), draw(seed)):
                self.assertTrue(torch.equal(a, b))
            rgb, truth, mask = draw(seed)
            self.assertEqual(rgb.shape, (3, 64, 96))
            self.assertEqual(truth.shape, (64, 96))
            self.assertTrue(bool(torch.isfinite(rgb).all() and torch.isfinite(truth).all()))
            self.assertTrue(0 <= float(rgb.min()) and float(rgb.max()) <= 1)

    def test_picture_and_depth_stay_together(self):
        picture, inverse = scene((192, 128), (40, 90))
        for seed in range(20):
            crop, depth, _ = data.random_crop(picture, inverse, inverse >= 0, (96, 64),
                                              np.random.default_rng(seed))
            inside = cv2.erode((depth > 0.9).astype(np.uint8), np.ones((7, 7))) > 0
            self.assertTrue((crop[inside] > 0.7).all())

    def test_a_batch_has_one_shape_of_the_wanted_area(self):
        picture, inverse = scene((192, 128), (40, 90))
        rng, seen = np.random.default_rng(1), set()
        draw = lambda size: data.sample(picture, inverse, inverse >= 0, size, rng)
        for (rgb, truth, _), _ in zip(data.batches(draw, (256, 160), 2, rng), range(20)):
            h, w = truth.shape[1:]
            self.assertEqual(rgb.shape, (2, 3, h, w))
            self.assertTrue(h % 32 == w % 32 == 0 and 0.7 < h * w / (256 * 160) < 1.4)
            seen.add((w, h))
        self.assertGreater(len(seen), 3)

    def test_guesses_have_their_share_and_are_marked(self):
        with tempfile.TemporaryDirectory() as folder:
            folders = [os.path.join(folder, name) for name in ("exact", "guessed")]
            for path, near in zip(folders, (0.25, 1.0)):
                os.mkdir(path)
                base = os.path.join(path, "box_1_0")
                cv2.imwrite(base + ".jpg", np.full((64, 96, 3), 128, np.uint8))
                cv2.imwrite(base + ".png", np.full((64, 96), near * 65535, np.uint16))
            stream = data.StoredStream(folders[:1], folders[1:], (0, 0.7), (64, 64), 1, 40)
            _, truth, _, exact = next(iter(stream))
        self.assertEqual([bool(v) for v in exact], [float(t.max()) < 0.5 for t in truth])
        self.assertTrue(6 < int(exact.sum()) < 18)

    def test_letterbox_depth_is_the_farthest_seen(self):
        picture, inverse = scene()
        out, depth = faults.letterbox(picture, inverse, 0.25)
        self.assertTrue((out[:8] == 0).all() and (out[-8:] == 0).all())
        self.assertAlmostEqual(float(depth[0, 0]), float(depth[8:-8].min()), places=2)


class Batches(unittest.TestCase):
    def setUp(self):
        torch.manual_seed(0)
        self.rng = np.random.default_rng(3)
        one = cv2.GaussianBlur(self.rng.random((64, 96, 3), np.float32), (0, 0), 2)
        self.picture = np.clip((one - 0.5) * 4 + 0.5, 0, 1)
        self.rgb = torch.from_numpy(self.picture.transpose(2, 0, 1))[None]

    def one(self, value):
        return torch.full((1, 1, 1, 1), float(value))

    def like(self, ours, theirs, most):
        difference = ours[0].numpy().transpose(1, 2, 0) - theirs
        self.assertLess(float(np.abs(difference[8:-8, 8:-8]).mean()), most)

    def test_faults_are_those_of_single_pictures(self):
        _, inverse = scene()
        depth = torch.from_numpy(inverse)[None]
        self.like(batch_faults.blur(self.rgb, self.one(1.2)), faults.blur(self.picture, 1.2), 1e-3)
        self.like(batch_faults.to_linear(self.rgb), faults.to_linear(self.picture), 1e-5)
        self.like(batch_faults.to_srgb(self.rgb), faults.to_srgb(self.picture), 1e-4)
        self.like(batch_faults.saturation(self.rgb, self.one(0.4)),
                  faults.saturation(self.picture, 0.4), 1e-5)
        self.like(batch_faults.fog(self.rgb, depth, self.one(0.05), self.one(0.6)),
                  faults.fog(self.picture, inverse, 0.05, [0.6] * 3), 1e-5)
        self.like(batch_faults.defocus(self.rgb, depth, self.one(0.9), self.one(3)),
                  faults.defocus(self.picture, inverse, 0.9, 3), 4e-3)
        self.like(batch_faults.vignetting(self.rgb, self.one(0.6)),
                  faults.vignetting(self.picture, 0.6), 1e-5)
        for quality in (25, 50, 90):
            self.like(batch_faults.jpeg(self.rgb, self.one(quality)),
                      faults.jpeg(self.picture, quality), 6e-3)
            self.assertGreater(float((batch_faults.jpeg(self.rgb, self.one(quality))
                                      - self.rgb).abs().mean()), 3e-3)

    def test_windows_lie_inside_and_keep_picture_and_depth_together(self):
        picture, inverse = scene((192, 96), (40, 80))
        rgb = torch.from_numpy((picture * 255).astype(np.uint8))[None].repeat(64, 1, 1, 1)
        depth = torch.from_numpy(inverse)[None].repeat(64, 1, 1)
        aspects = self.rng.uniform(0.6, 2.4, 64)
        theta, shrink = batch_faults.draw_windows(aspects, (96, 64), self.rng)
        corners = theta @ np.array([[-1, -1, 1, 1], [-1, 1, -1, 1], [1, 1, 1, 1]])
        self.assertLess(float(np.abs(corners).max()), 1 + 1e-6)
        self.assertTrue((shrink > 0.1 / 64).all() and (shrink < 1.01 / 64).all())
        out, near = batch_faults.cut(rgb, depth, aspects, (96, 64), self.rng)
        self.assertEqual((out.shape, near.shape), ((64, 3, 64, 96), (64, 64, 96)))
        inside = -torch.nn.functional.max_pool2d(-near[:, None], 7, 1, 3)[:, 0] > 0.9
        self.assertGreater(int(inside.sum()), 1000)
        self.assertGreater(float(out[:, 0][inside].min()), 0.7)

    def test_a_batch_of_all_faults_is_a_picture_still(self):
        degrade = batch_faults.Faults("cpu").degrade
        rgb, unknown = self.rgb.repeat(96, 1, 1, 1), scene()[1]
        unknown[:8, :8] = -1
        depth = torch.from_numpy(unknown)[None].repeat(96, 1, 1)
        out, near = degrade(rgb.clone(), depth.clone(), self.rng)
        self.assertTrue(bool(torch.isfinite(out).all()) and 0 <= float(out.min()) <= 1)
        changed = ((out - rgb).abs().amax((1, 2, 3)) > 0.01).float().mean()
        self.assertGreater(float(changed), 0.8)
        boxed = (near != depth).flatten(1).any(1)
        self.assertTrue(0 < int(boxed.sum()) < 30)
        self.assertGreaterEqual(float(near[boxed][:, 32, 48].min()), 0)


class Pools(unittest.TestCase):
    def test_a_pool_takes_what_renderers_write_until_it_is_full(self):
        ended = []
        renderer = type("Renderer", (), dict(terminate=lambda self: ended.append(self)))()
        picture, inverse = scene(pool.SIZE, (60, 200))
        chunk = dict(rgb=np.stack([(picture * 255).astype(np.uint8)] * 5),
                     inverse=np.stack([inverse.astype(np.float16)] * 5))
        with tempfile.TemporaryDirectory() as folder:
            for name in "0_0", "0_1":
                np.savez(os.path.join(folder, name + ".npz"), **chunk)
            filled = pool.Pool(folder, 8, "cpu", real=False)
            filled.fill([renderer], 8)
            self.assertEqual(filled.rendered, 8)
            for _ in range(50):
                if ended:
                    break
                time.sleep(0.1)
            self.assertEqual(ended, [renderer])
            self.assertEqual(os.listdir(folder), [])
        rgb, truth, mask, exact = next(filled.batches((128, 96), 4, 0.5))
        self.assertEqual(rgb.shape[:2], (4, 3))
        self.assertEqual(rgb.shape[2:], truth.shape[1:])
        self.assertTrue(bool(mask.all()) and float(truth.max()) > 0.4)
        self.assertEqual(exact.tolist(), [1] * 4)

    def test_renderers_end_when_their_time_is_over(self):
        ended = []
        renderer = type("Renderer", (), dict(terminate=lambda self: ended.append(self)))()
        with tempfile.TemporaryDirectory() as folder:
            filled = pool.Pool(folder, 8, "cpu", real=False)
            filled.fill([renderer], 0, 0.2)
        self.assertEqual(ended, [renderer])


class Network(unittest.TestCase):
    def test_onnx_there_and_back(self):
        torch.manual_seed(1)
        net = DepthNet().eval()
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "net.onnx")
            onnx_file.export(net, path)
            self.assertLess(os.path.getsize(path), 7 << 20)
            back = onnx_file.load(path)
            for size in ((96, 64), (64, 128)):
                self.assertLess(export.greatest_difference(back, path, size)[0], 1e-4)
            for ours, theirs in zip(net.parameters(), back.parameters()):
                self.assertLess(float((ours - theirs).abs().max()), 2e-3)

    def test_a_network_without_context_goes_on_with_it(self):
        torch.manual_seed(3)
        old = DepthNet(context=0).eval()
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "old.onnx")
            onnx_file.export(old, path)
            new = onnx_file.load(path)
            self.assertEqual(len(new.context), 3)
            self.assertLess(export.greatest_difference(new, path, (96, 64))[0], 1e-4)
            torch.nn.init.normal_(new.context[1].project.weight, std=0.3)
            self.assertGreater(export.greatest_difference(new, path, (96, 64))[0], 1e-3)

    @unittest.skipUnless(importlib.util.find_spec("nncf"), "NNCF is not installed")
    def test_a_network_in_8_bits_says_nearly_the_same(self):
        import quantize
        torch.manual_seed(4)
        net = DepthNet().eval()
        pictures = [{"image": np.random.default_rng(i).random((1, 3, 64, 96), np.float32)}
                    for i in range(4)]
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "int8.onnx")
            onnx_file.write(quantize.quantized(net, pictures), path)
            self.assertLess(os.path.getsize(path), 4 << 20)
            difference, span = export.greatest_difference(net, path, (96, 64))
        self.assertGreater(difference, 0)
        self.assertLess(difference, 0.5 * span)

    def test_a_few_steps_learn(self):
        torch.manual_seed(2)
        net = DepthNet().train()
        picture, inverse = scene((128, 96), (30, 70))
        rgb = torch.from_numpy(picture.transpose(2, 0, 1))[None]
        truth = torch.from_numpy(inverse)[None]
        optimiser, seen = torch.optim.AdamW(net.parameters(), 1e-3), []
        for _ in range(40):
            loss = losses.depth_loss(net(rgb), truth, truth >= 0)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            seen.append(float(loss.detach()))
        self.assertLess(min(seen[-5:]), 0.7 * seen[0])


class Measures(unittest.TestCase):
    def test_scores_of_truth_ramp_and_constant(self):
        _, inverse = scene((192, 128), (40, 90))
        truth = 0.5 + inverse
        self.assertEqual(measures.whdr(truth, truth, 0), 0.0)
        self.assertEqual(measures.whdr(-truth, truth, 0), 1.0)
        self.assertEqual(measures.whdr(measures.constant(np.zeros(truth.shape)), truth, 0), 0.5)
        self.assertLess(max(measures.aligned(truth * 3 + 1, truth)), 1e-6)

    def test_edges(self):
        _, inverse = scene((192, 128), (40, 90))
        self.assertGreater(min(measures.edge_scores(inverse * 2 + 1, inverse)), 0.99)
        soft = cv2.GaussianBlur(inverse, (0, 0), 4)
        self.assertLess(max(measures.edge_scores(soft, inverse)), 0.6)


    def test_edges_of_photographs(self):
        picture, inverse = scene((384, 224), (60, 160))
        away, chance = measures.picture_edge_distance(inverse, picture)
        self.assertLess(away, 1.5)
        self.assertGreater(chance, 3)
        self.assertGreater(measures.picture_edge_distance(np.roll(inverse, 6, 1), picture)[0],
                           away + 1)

    def test_the_card_gets_its_tables_and_keeps_the_rest(self):
        scores = [("a", "indoor", {n: (0.1, 0.2, np.nan, 1, 3) for n in ("m", "ramp", "constant")})]
        everything = evaluate.by_group(scores, ("m", "ramp", "constant"), lambda *_: "all")["all"]
        half = {"indoor": everything}, everything
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "card.md")
            with open(path, "w", encoding="utf-8") as f:
                f.write(f"above\n{card.START}\nold\n{card.END}\nbelow\n")
            for _ in range(2):
                card.write(path, ("m", "ramp", "constant"), dict(test=half, development=half), {})
            with open(path, encoding="utf-8") as f:
                text = f.read()
        self.assertIn("| indoor (1) | 0.100 |", text)
        self.assertTrue(text.startswith("above\n") and text.endswith("below\n"))
        self.assertNotIn("old", text)
        self.assertEqual(text.count("Test half"), 1)


@unittest.skipUnless(os.environ.get("RELIEF_ASSETS"), "RELIEF_ASSETS is not set")
class Rendering(unittest.TestCase):
    def test_equal_seeds_give_equal_pictures(self):
        import render_set
        first = list(render_set.pictures(3, (96, 64), "halflength"))
        again = list(render_set.pictures(3, (96, 64), "halflength"))
        self.assertTrue(first)
        for (_, a, x), (_, b, y) in zip(first, again):
            self.assertTrue(np.array_equal(a, b) and np.array_equal(x, y))

    def test_a_film_moves_and_keeps_its_scale(self):
        import render_film
        pictures, inverse = render_film.film(1, (96, 64), "plaza", 3, 5.0)
        self.assertEqual(pictures.shape, (3, 64, 96, 3))
        self.assertGreater(float(np.abs(inverse[0] - inverse[2]).max()), 0.01)
        middle = np.median(inverse.reshape(3, -1), 1)
        self.assertLess(float(np.abs(np.log2(middle / middle[0])).max()), 1)

    def test_every_kind_composes(self):
        import render_set
        import scenes
        for kind in scenes.KINDS:
            with self.subTest(kind=kind):
                self.assertTrue(any(list(render_set.pictures(seed, (96, 64), kind))
                                    for seed in range(1, 7)))


if __name__ == "__main__":
    unittest.main()
