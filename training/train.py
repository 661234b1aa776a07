# SPDX-License-Identifier: MIT
"""Train the depth network on rendered pictures, plus the real ones that may be trained on.

Pictures come from folders of render_set.py or, with --render, straight from renderer processes.
The schedule ends after --steps or --minutes, counted over all calls; a call may stop earlier with
--stop-after, and the next one with the same --out goes on from OUT/checkpoint.pt.
"""
import argparse
import math
import os
import time

import cv2
import torch
from torch.utils.data import DataLoader

import data
import onnx_file
from losses import depth_loss
from net import DepthNet, load_imagenet

SAVE_EVERY = 240        # seconds
WARM_UP = 200           # steps
FLOOR = 0.01            # of the learning rate, at the end


class Trainer:
    """Network, averaged weights, optimiser and where in the schedule they are."""

    def __init__(self, args):
        self.args = args
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        self.net = self.first_net().train()
        self.net.to(self.device, memory_format=torch.channels_last)
        self.ema = {k: v.detach().clone() for k, v in self.net.state_dict().items()}
        named = list(self.net.named_parameters())
        encoder = [p for name, p in named if name.startswith("encoder.")]
        decoder = [p for name, p in named if not name.startswith("encoder.")]
        self.optimiser = torch.optim.AdamW(
            [dict(params=encoder, top=args.lr * args.encoder), dict(params=decoder, top=args.lr)],
            lr=args.lr, weight_decay=0.01)
        self.step = self.samples = 0
        self.minutes = 0.0                     # over all calls

    def first_net(self):
        """ImageNet's encoder or the weights of --start; on resuming anything of the right shape."""
        if os.path.exists(self.path("checkpoint.pt")):
            return DepthNet(self.args.channels)
        if self.args.start:
            return onnx_file.load(self.args.start)
        return load_imagenet(DepthNet(self.args.channels))

    def path(self, name):
        return os.path.join(self.args.out, name)

    def progress(self):
        """Where the schedule is, 0..1: by steps, or by minutes when --steps is not given."""
        if self.args.steps:
            return min(1.0, self.step / self.args.steps)
        return min(1.0, self.minutes / self.args.minutes)

    def size(self):
        """Picture size (w, h) now: --size, and --last-size for the last quarter."""
        text = self.args.size if self.progress() < 1 - self.args.last_share else self.args.last_size
        return tuple(int(v) for v in text.split("x"))

    def set_rate(self):
        factor = max(FLOOR, 0.5 + 0.5 * math.cos(math.pi * self.progress()))
        factor *= min(1.0, (self.step + 1) / WARM_UP)
        for group in self.optimiser.param_groups:
            group["lr"] = group["top"] * factor

    def update(self, batch):
        """One step. Returns the loss."""
        rgb, truth, mask = (t.to(self.device, non_blocking=True) for t in batch)
        rgb = rgb.contiguous(memory_format=torch.channels_last)
        self.set_rate()
        with torch.autocast(self.device, torch.bfloat16, enabled=not self.args.float32):
            guess = self.net(rgb)
        loss = depth_loss(guess, truth, mask, self.args.gradient, self.args.local)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), 1.0)
        self.optimiser.step()
        self.step += 1
        self.samples += len(rgb)
        self.average()
        return loss.detach()

    @torch.no_grad()
    def average(self):
        decay = min(self.args.ema, (1 + self.step) / (10 + self.step))
        for key, value in self.net.state_dict().items():
            self.ema[key].lerp_(value, 1 - decay)

    def save(self):
        """Two files below 16 MiB each: weights in half precision, optimiser in bfloat16."""
        os.makedirs(self.args.out, exist_ok=True)
        half = lambda weights: {k: v.half() for k, v in weights.items()}
        store(dict(net=half(self.net.state_dict()), ema=half(self.ema), channels=self.args.channels,
                   step=self.step, samples=self.samples, minutes=self.minutes),
              self.path("checkpoint.pt"))
        state = self.optimiser.state_dict()        # its inner dictionaries are the live ones
        small = lambda slot: {k: v.bfloat16() if k.startswith("exp_avg") else v
                              for k, v in slot.items()}
        state["state"] = {index: small(slot) for index, slot in state["state"].items()}
        store(state, self.path("optimiser.pt"))

    def resume(self):
        if not os.path.exists(self.path("checkpoint.pt")):
            return
        state = torch.load(self.path("checkpoint.pt"), map_location=self.device, weights_only=True)
        self.net.load_state_dict(state["net"])
        self.ema = {k: v.float() for k, v in state["ema"].items()}
        self.step, self.samples, self.minutes = (state[k] for k in ("step", "samples", "minutes"))
        if os.path.exists(self.path("optimiser.pt")):
            self.optimiser.load_state_dict(
                torch.load(self.path("optimiser.pt"), map_location=self.device, weights_only=True))
            rates = self.args.lr * self.args.encoder, self.args.lr
            for group, top in zip(self.optimiser.param_groups, rates):
                group["top"] = top             # a changed --lr counts

    @torch.no_grad()
    def validate(self, size, most=48):
        """Loss of the averaged weights on held-out renders, whole pictures, no faults."""
        kinds = data.rendered_pairs(self.args.data, validation=True)
        pairs = [p for v in kinds.values() for p in v[:max(1, most // len(kinds))]]
        if not pairs:
            return float("nan")
        judge = DepthNet(self.args.channels).to(self.device).eval()
        judge.load_state_dict(self.ema)
        total = 0.0
        for pair in pairs:
            picture, inverse, _ = data.read_pair(*pair, zero_is_far=True)
            rgb = torch.from_numpy(cv2.resize(picture, size, interpolation=cv2.INTER_AREA))
            small = cv2.resize(inverse, size, interpolation=cv2.INTER_NEAREST)
            truth = torch.from_numpy(small)[None]
            guess = judge(rgb.permute(2, 0, 1)[None].to(self.device)).cpu()
            loss = depth_loss(guess, truth, truth >= 0, self.args.gradient, self.args.local)
            total += float(loss)
        return total / len(pairs)


def store(state, path):
    """Write completely, then rename: a call cut off leaves the checkpoint before it."""
    torch.save(state, path + ".part")
    os.replace(path + ".part", path)


def averaged(path):
    """DepthNet with the averaged (EMA) weights of a checkpoint, in eval mode."""
    state = torch.load(path, map_location="cpu", weights_only=True)
    net = DepthNet(state["channels"])
    net.load_state_dict({k: v.float() for k, v in state["ema"].items()})
    return net.eval()


def loader(args, size, seed):
    if args.render:
        stream = data.RenderStream(size, args.real, seed)
        return DataLoader(stream, args.batch, num_workers=args.render,
                          pin_memory=torch.cuda.is_available(), multiprocessing_context="spawn",
                          prefetch_factor=4)
    stream = data.StoredStream(args.data, size, args.real, seed)
    return DataLoader(stream, args.batch, num_workers=args.workers,
                      prefetch_factor=4 if args.workers else None)


def parse():
    p = argparse.ArgumentParser(description=__doc__,
                                formatter_class=argparse.RawDescriptionHelpFormatter)
    add = p.add_argument
    add("--data", nargs="+", default=[],
        help="folders of rendered pictures (with --render: only to validate)")
    add("--render", type=int, default=0, metavar="N", help="render while training, in N processes")
    add("--start", help="ONNX file to start from instead of ImageNet's weights")
    add("--out", default="run", help="folder of checkpoints (default: run)")
    add("--size", default="256x160", help="training size WxH, multiples of 32")
    add("--last-size", default="384x224", help="size in the last part of the schedule")
    add("--last-share", type=float, default=0.25, help="how much of it that is")
    add("--minutes", type=float, default=60, help="end of the schedule over all calls")
    add("--steps", type=int, default=0, help="the same in steps; then --minutes is unused")
    add("--stop-after", type=float, default=1e9, help="minutes, of this call")
    add("--batch", type=int, default=8)
    add("--lr", type=float, default=1e-3, help="of the decoder")
    add("--encoder", type=float, default=0.3, help="rate of the encoder, as a share of --lr")
    add("--gradient", type=float, default=1.5, help="weight of gradient matching")
    add("--local", type=float, default=0.25, help="weight of the order within windows")
    add("--real", type=float, default=0.1, help="share of real pictures")
    add("--ema", type=float, default=0.998)
    add("--channels", type=int, default=32)
    add("--seed", type=int, default=0)
    add("--threads", type=int, default=0, help="of PyTorch; 1 on a busy machine")
    add("--workers", type=int, default=1, help="processes that read and degrade pictures")
    add("--float32", action="store_true", help="no bfloat16 (for processors without it)")
    args = p.parse_args()
    if not args.data and not args.render:
        p.error("--data or --render is needed")
    if args.real and not data.DEPTH:
        p.error("--real needs RELIEF_DEPTH, the folder of real pictures (or give --real 0)")
    return args


def run(trainer, args):
    """Steps until the schedule or this call ends; saves and reports on the way."""
    start = saved = time.time()
    before, losses, size, batches = trainer.minutes, [], None, None
    done = trainer.progress() >= 1
    while not done:
        if size != trainer.size():             # also the first time
            size = trainer.size()
            batches = iter(loader(args, size, args.seed + trainer.step))
        losses.append(trainer.update(next(batches)))
        now = time.time()
        trainer.minutes = before + (now - start) / 60
        done = trainer.progress() >= 1 or now - start > args.stop_after * 60
        if trainer.step % 100 == 0 or done:
            line = (f"step {trainer.step} samples {trainer.samples} minutes {trainer.minutes:.2f} "
                    f"loss {torch.stack(losses).mean().item():.4f}")
            losses = []
            if args.data and trainer.step % 500 == 0:
                line += f" held-out {trainer.validate((384, 224)):.4f}"
            print(line, flush=True)
        if now - saved > SAVE_EVERY or done:
            trainer.save()
            saved = now


def main():
    args = parse()
    if args.threads:
        torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    trainer = Trainer(args)
    trainer.resume()
    run(trainer, args)


if __name__ == "__main__":
    main()
