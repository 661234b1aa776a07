# SPDX-License-Identifier: MIT
"""Train the depth network on rendered pictures, plus the real ones that may be trained on.

Pictures come from folders of render_set.py or, with --render, from renderer processes that fill a
pool in the card's memory (pool.py) for as long as training lasts.
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
        self.bfloat16 = has_bfloat16(self.device) and not args.float32
        self.net = self.first_net().train()
        self.net.to(self.device)
        self.layout = self.fastest_layout() if self.device == "cuda" else torch.channels_last
        self.net.to(memory_format=self.layout)
        self.ema = {k: v.detach().clone() for k, v in self.net.state_dict().items()}
        self.freeze()
        named = [(name, p) for name, p in self.net.named_parameters() if p.requires_grad]
        encoder = [p for name, p in named if name.startswith("encoder.")]
        decoder = [p for name, p in named if not name.startswith("encoder.")]
        self.optimiser = torch.optim.AdamW(
            [dict(params=encoder, top=args.lr * args.encoder), dict(params=decoder, top=args.lr)],
            lr=args.lr, weight_decay=0.01, fused=True)
        self.step = self.samples = 0
        self.minutes = 0.0                     # over all calls

    def first_net(self):
        """ImageNet's encoder or the weights of --start; on resuming anything of the right shape."""
        if os.path.exists(self.path("checkpoint.pt")):
            return DepthNet(self.args.channels)
        if self.args.start:
            load = averaged if self.args.start.endswith(".pt") else onnx_file.load
            return load(self.args.start)
        return load_imagenet(DepthNet(self.args.channels))

    def fastest_layout(self):
        """Memory format in which a step takes least here; depthwise convolutions decide it."""
        taken = {}
        for layout in torch.contiguous_format, torch.channels_last:
            self.net.to(memory_format=layout)
            rgb = torch.rand(self.args.batch, 3, 160, 256, device=self.device)
            rgb = rgb.contiguous(memory_format=layout)
            for _ in range(6):                 # the first ones choose kernels
                torch.cuda.synchronize()
                start = time.time()
                with torch.autocast(self.device, torch.bfloat16, enabled=self.bfloat16):
                    guess = self.net(rgb)
                guess.mean().backward()
                torch.cuda.synchronize()
                taken[layout] = time.time() - start
        self.net.zero_grad(set_to_none=True)
        print("seconds a step:", taken, flush=True)
        return min(taken, key=taken.get)

    def freeze(self):
        """The stem and the first --freeze blocks stay: edges and colours are what they were, and
        a quarter of a step's time, spent where pictures are largest, is saved."""
        for layer in [self.net.encoder.stem, *self.net.encoder.blocks][:self.args.freeze]:
            layer.requires_grad_(False)

    def path(self, name):
        return os.path.join(self.args.out, name)

    def progress(self):
        """Where the schedule is, 0..1: by steps, or by minutes when --steps is not given."""
        if self.args.steps:
            return min(1.0, self.step / self.args.steps)
        return min(1.0, self.minutes / self.args.minutes)

    def phase(self):
        """Index of the part of the schedule in --sizes."""
        done, ends = self.progress(), 0.0
        for index, (_, share) in enumerate(self.args.sizes):
            ends += share
            if done < ends:
                return index
        return len(self.args.sizes) - 1

    def gradient(self):
        """Weight of gradient matching: greater in the last phase, when pictures are largest."""
        last = self.phase() == len(self.args.sizes) - 1
        return self.args.last_gradient if last else self.args.gradient

    def set_rate(self):
        factor = max(FLOOR, 0.5 + 0.5 * math.cos(math.pi * self.progress()))
        factor *= min(1.0, (self.step + 1) / WARM_UP)
        for group in self.optimiser.param_groups:
            group["lr"] = group["top"] * factor

    def update(self, batch):
        """One step. Returns the loss."""
        rgb, truth, mask, exact = (t.to(self.device, non_blocking=True) for t in batch)
        rgb = rgb.contiguous(memory_format=self.layout)
        self.set_rate()
        with torch.autocast(self.device, torch.bfloat16, enabled=self.bfloat16):
            guess = self.net(rgb)
        loss = depth_loss(guess, truth, mask, self.gradient(), self.args.local, self.args.rank,
                          exact)
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
        now = self.net.state_dict()
        torch._foreach_lerp_([self.ema[key] for key in now], list(now.values()), 1 - decay)

    def save(self):
        """Two files below 16 MiB each: weights in half precision, optimiser in bfloat16."""
        half = lambda weights: {k: v.half() for k, v in weights.items()}
        store(dict(net=half(self.net.state_dict()), ema=half(self.ema), channels=self.args.channels,
                   step=self.step, samples=self.samples, minutes=self.minutes),
              self.path("checkpoint.pt"))
        state = self.optimiser.state_dict()        # its inner dictionaries are the live ones
        small = lambda slot: {k: v.bfloat16() if k.startswith("exp_avg") else v
                              for k, v in slot.items()}
        state["state"] = {index: small(slot) for index, slot in state["state"].items()}
        store(state, self.path("optimiser.pt"))

    def save_mean(self, name):
        """The averaged weights alone, which averaged() and evaluate.py read."""
        ema = {k: v.half() for k, v in self.ema.items()}
        store(dict(ema=ema, channels=self.args.channels), self.path(name))

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


def has_bfloat16(device):
    """Without instructions for it a CPU takes ten times as long in bfloat16 as in float32."""
    if device != "cpu":
        return True
    with open("/proc/cpuinfo", encoding="ascii", errors="replace") as f:
        return not {"avx512_bf16", "amx_bf16", "bf16"}.isdisjoint(f.read().split())


def store(state, path):
    """Write completely, then rename: a call cut off leaves the checkpoint before it."""
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    torch.save(state, path + ".part")
    os.replace(path + ".part", path)


def averaged(path):
    """DepthNet with the averaged (EMA) weights of a checkpoint, in eval mode."""
    state = torch.load(path, map_location="cpu", weights_only=True)
    net = DepthNet(state["channels"])
    ema = {k: v.float() for k, v in state["ema"].items()}
    left = net.load_state_dict(ema, strict=False)  # one from before Context computes the same
    if left.unexpected_keys or any(not k.startswith("context.") for k in left.missing_keys):
        raise ValueError(f"{path} is of another network")
    return net.eval()


def batches(args, pool, size, seed):
    """Endless (rgb, inverse depth, mask, exact) of about the area of `size`; see depth_loss()."""
    if pool:
        return pool.batches(size, args.batch, args.real)
    shares = args.real, args.guessed_share if args.guessed else 0
    stream = data.StoredStream(args.data, args.guessed, shares, size, seed, args.batch)
    return iter(DataLoader(stream, None, num_workers=args.workers,
                           prefetch_factor=4 if args.workers else None))


def filled_pool(args, device, renderers):
    from pool import Pool
    pool = Pool(args.folder, args.pool, device, args.real > 0, args.seed)
    pool.fill(renderers, args.least, args.first * 60)
    return pool


def size_and_share(text):
    """"256x160=0.5" -> ((256, 160), 0.5)"""
    size, share = text.split("=")
    return tuple(int(v) for v in size.split("x")), float(share)


def parse():
    p = argparse.ArgumentParser(description=__doc__,
                                formatter_class=argparse.RawDescriptionHelpFormatter)
    add = p.add_argument
    add("--data", nargs="+", default=[],
        help="folders of rendered pictures (with --render: only to validate)")
    add("--render", type=int, default=0, metavar="N", help="render a pool, in N processes")
    add("--pool", type=int, default=60000, metavar="N",
        help="with --render: pictures in the card's memory, 0.74 MB each; then rendering ends")
    add("--least", type=int, default=1500, metavar="N",
        help="with --render: pictures before training starts")
    add("--first", type=float, default=0, metavar="MIN",
        help="with --render: render so long, then end that and train; not both at once")
    add("--folder", default="/dev/shm/relief-pool", help="with --render: where they pass through")
    add("--keep", type=float, default=1e9, metavar="MIN",
        help="keep the averaged weights every so many minutes, as OUT/mean_NN.pt")
    add("--start", help="ONNX file or checkpoint to start from, not ImageNet's weights")
    add("--out", default="run", help="folder of checkpoints (default: run)")
    add("--sizes", nargs="+", type=size_and_share, metavar="WxH=SHARE",
        default=[((224, 128), 0.4), ((256, 160), 0.38), ((384, 224), 0.22)],
        help="areas of the pictures in the parts of the schedule, and how long each part is")
    add("--minutes", type=float, default=60, help="end of the schedule over all calls")
    add("--steps", type=int, default=0, help="the same in steps; then --minutes is unused")
    add("--stop-after", type=float, default=1e9, help="minutes, of this call")
    add("--batch", type=int, default=8)
    add("--lr", type=float, default=1e-3, help="of the decoder")
    add("--encoder", type=float, default=0.3, help="rate of the encoder, as a share of --lr")
    add("--freeze", type=int, default=0, help="first layers (stem, blocks) that stay as they are")
    add("--gradient", type=float, default=1.5, help="weight of gradient matching")
    add("--last-gradient", type=float, default=3.0, help="the same in the last of --sizes")
    add("--local", type=float, default=0.25, help="weight of the order within windows")
    add("--rank", type=float, default=0.3, help="weight of the order of pairs of pixels")
    add("--real", type=float, default=0.1, help="share of real pictures")
    add("--guessed", nargs="+", default=[],
        help="folders of label_photos.py (not with --render)")
    add("--guessed-share", type=float, default=0.4, help="share of their pictures")
    add("--ema", type=float, default=0.998)
    add("--channels", type=int, default=32)
    add("--seed", type=int, default=0)
    add("--threads", type=int, default=0, help="of PyTorch; 1 on a busy machine")
    add("--workers", type=int, default=1, help="processes that read and degrade pictures")
    add("--float32", action="store_true", help="no bfloat16, also where there is hardware for it")
    args = p.parse_args()
    if not args.data and not args.render:
        p.error("--data or --render is needed")
    if args.real and not data.DEPTH:
        p.error("--real needs RELIEF_DEPTH, the folder of real pictures (or give --real 0)")
    return args


def run(trainer, args, pool):
    """Steps until the schedule or this call ends; saves and reports on the way."""
    start = saved = time.time()
    before, losses, phase, stream = trainer.minutes, [], None, None
    done, kept = trainer.progress() >= 1, int(trainer.minutes / args.keep)
    while not done:
        if phase != trainer.phase():           # also the first time
            phase = trainer.phase()
            stream = batches(args, pool, args.sizes[phase][0], args.seed + trainer.step)
        losses.append(trainer.update(next(stream)))
        now = time.time()
        trainer.minutes = before + (now - start) / 60
        done = trainer.progress() >= 1 or now - start > args.stop_after * 60
        if trainer.step % 100 == 0 or done:
            line = (f"step {trainer.step} samples {trainer.samples} minutes {trainer.minutes:.2f} "
                    f"loss {torch.stack(losses).mean().item():.4f}")
            losses = []
            line += f" pictures {pool.rendered}" if pool else ""
            if args.data and trainer.step % 500 == 0:
                line += f" held-out {trainer.validate((384, 224)):.4f}"
            print(line, flush=True)
        if now - saved > SAVE_EVERY or done:
            trainer.save()
            saved = now
        if int(trainer.minutes / args.keep) > kept:
            kept = int(trainer.minutes / args.keep)
            trainer.save_mean(f"mean_{kept:02}.pt")


def main():
    args = parse()
    if args.threads:
        torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    if args.render:
        from pool import start_renderers       # first of all: they take their time to start
        renderers = start_renderers(args.folder, args.render, args.seed)
    trainer = Trainer(args)
    trainer.resume()
    run(trainer, args, filled_pool(args, trainer.device, renderers) if args.render else None)


if __name__ == "__main__":
    main()
