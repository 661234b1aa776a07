# SPDX-License-Identifier: MIT
"""Deferred OpenGL renderer through EGL: shadow map, ambient occlusion, panorama light, exact z.

Runs on Mesa's llvmpipe (no GPU, no display) and on real GPUs. One Renderer per process.
"""
import os
from collections import OrderedDict
from dataclasses import dataclass

import cv2
import moderngl
import numpy as np

import shaders

SRGB8_ALPHA8 = 0x8C43
SHADOW_SIZE = 1536
FAR = 600.0


@dataclass
class Camera:
    """Where the camera is and looks (metres), its horizontal field of view and roll (degrees)."""
    eye: tuple
    target: tuple
    fov: float = 60.0
    roll: float = 0.0

    def axes(self):
        """Unit vectors forward, right, up."""
        forward = np.subtract(self.target, self.eye).astype(float)
        forward /= np.linalg.norm(forward)
        right = np.cross(forward, [0, 1, 0] if abs(forward[1]) < 0.999 else [0, 0, -1])
        right /= np.linalg.norm(right)
        up = np.cross(right, forward)
        c, s = np.cos(np.radians(self.roll)), np.sin(np.radians(self.roll))
        return forward, c * right + s * up, c * up - s * right


def view_matrix(eye, right, up, back):
    """World -> eye coordinates, 4x4, for column vectors."""
    matrix = np.eye(4)
    matrix[:3, :3] = right, up, back
    matrix[:3, 3] = -matrix[:3, :3] @ eye
    return matrix


def perspective(half_w, half_h, near):
    matrix = np.zeros((4, 4))
    matrix[0, 0], matrix[1, 1], matrix[3, 2] = 1 / half_w, 1 / half_h, -1
    matrix[2, 2], matrix[2, 3] = (FAR + near) / (near - FAR), 2 * FAR * near / (near - FAR)
    return matrix


def panorama_light(panorama, yaw):
    """Sun direction [3], sun colour [3], harmonics [9, 3] of the rest, ready for the shader.

    What is far brighter than the rest around the brightest spot becomes the sun.
    """
    low = cv2.resize(panorama, (64, 32), interpolation=cv2.INTER_AREA)
    theta = ((np.arange(32) + 0.5) / 32 * np.pi)[:, None]
    phi = ((np.arange(64) + 0.5) / 64 - 0.5) * 2 * np.pi - yaw
    x, y, z = np.broadcast_arrays(np.sin(theta) * np.sin(phi),
                                  np.cos(theta), -np.sin(theta) * np.cos(phi))
    directions = np.stack([x, y, z], -1)
    solid = np.broadcast_to(np.sin(theta), x.shape) * (4 * np.pi / (np.sin(theta).sum() * 64))
    luminance = low.mean(2)
    spot = np.unravel_index(np.argmax(np.where(y > 0.05, luminance, 0)), luminance.shape)
    sun = directions[spot]
    cap = np.quantile(luminance, 0.97) * 1.5 + 0.5
    ambient = np.minimum(low, cap * low / np.maximum(luminance, 1e-6)[..., None])
    near_sun = (directions @ sun > 0.8)[..., None]
    sun_colour = ((low - ambient) * solid[..., None] * near_sun).sum((0, 1))
    basis = [np.ones_like(x), y, z, x, x * y, y * z, 3 * z * z - 1, x * z, x * x - y * y]
    norms = [0.282095] + [0.488603] * 3 + [1.092548, 1.092548, 0.315392, 1.092548, 0.546274]
    cosine = [np.pi] + [2 * np.pi / 3] * 3 + [np.pi / 4] * 5
    harmonics = [(ambient * (b * solid)[..., None]).sum((0, 1)) * n * n * c
                 for b, n, c in zip(basis, norms, cosine)]
    return sun, sun_colour, np.array(harmonics)


def sun_matrix(sun, centre, radius):
    """Orthographic view of a ball of `radius` metres from the sun."""
    right = np.cross([0, 1, 0.01], sun)
    right /= np.linalg.norm(right)
    matrix = view_matrix(np.asarray(centre), right, np.cross(sun, right), sun)
    return np.diag([1 / radius, 1 / radius, -1 / (3 * radius), 1]) @ matrix


def seen_through(behind, shine, z, glass):
    """The picture behind glass, shifted by its slope and darker at its rim, under its shine."""
    h, w = z.shape
    smooth = cv2.GaussianBlur(np.where(glass, z, 0), (0, 0), 1.5)
    weight = cv2.GaussianBlur(glass.astype(np.float32), (0, 0), 1.5)
    depth = np.where(glass, smooth / np.maximum(weight, 1e-3), 0).astype(np.float32)
    slope_y, slope_x = (g / np.maximum(depth, 1e-3) * 400 * glass for g in np.gradient(depth))
    steep = np.hypot(slope_x, slope_y)
    bend = 10 / (1 + steep)
    x, y = np.meshgrid(np.arange(w, dtype=np.float32), np.arange(h, dtype=np.float32))
    map_x, map_y = (x + slope_x * bend).astype(np.float32), (y + slope_y * bend).astype(np.float32)
    bent = cv2.remap(behind, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    rim = np.clip(steep / 6, 0, 1) * 0.5 + (1 - cv2.GaussianBlur(weight, (0, 0), 1)) * 0.5
    lit = shine.mean(2, keepdims=True)
    mixed = bent * (0.92 - 0.5 * rim[..., None]) + lit * (0.06 + 0.25 * rim[..., None])
    return np.where(glass[..., None], mixed, behind).astype(np.float32)


def create_context():
    """Standalone EGL context: the GPU's if there is one, else Mesa's software renderer."""
    options = dict(standalone=True, backend="egl", require=430)
    try:
        return moderngl.create_context(**options)
    except Exception:
        os.environ["LIBGL_ALWAYS_SOFTWARE"] = "1"
        return moderngl.create_context(**options)


class Renderer:
    """render(scene, camera) -> linear RGB float32 [h, w, 3], z float32 [h, w], inf for sky.

    Vertices and textures stay on the GPU between scenes until they exceed `budget` bytes.
    """

    def __init__(self, size=(384, 224), supersample=2, budget=400 << 20):
        self.size, self.ss, self.budget, self.used = size, supersample, budget, 0
        self.gl, self.cache = create_context(), OrderedDict()
        self.software = "llvmpipe" in self.gl.info["GL_RENDERER"]
        vertex = shaders.SURFACE_VERTEX
        sources = dict(gbuffer=shaders.GBUFFER, z=shaders.Z_PASS, shadow=shaders.SHADOW)
        self.passes = {name: self.gl.program(vertex, text) for name, text in sources.items()}
        self.shade = self.gl.compute_shader(shaders.SHADE)
        self._targets()

    def _targets(self):
        big = (self.size[0] * self.ss, self.size[1] * self.ss)
        self.layers = [self.gl.texture(big, 4, dtype=d) for d in ("f2", "f2", "f4")]
        for layer in self.layers:
            layer.filter = (moderngl.NEAREST, moderngl.NEAREST)
            layer.repeat_x = layer.repeat_y = False
        self.gbuffer = self.gl.framebuffer(self.layers, self.gl.depth_renderbuffer(big))
        self.light = self.gl.texture(self.size, 4, dtype="f4")
        self.z = self.gl.framebuffer([self.gl.texture(self.size, 1, dtype="f4")],
                                     self.gl.depth_renderbuffer(self.size))
        self.shadow_map = self.gl.depth_texture((SHADOW_SIZE, SHADOW_SIZE))
        self.shadow_map.compare_func = ""
        self.shadow = self.gl.framebuffer([], self.shadow_map)

    def _texture(self, picture):
        """uint8 sRGB RGBA [h, w, 4] -> mipmapped texture, sampled as linear light."""
        key = id(picture)
        if key not in self.cache:
            pixels = np.ascontiguousarray(picture).tobytes()
            texture = self.gl.texture(picture.shape[1::-1], 4, pixels, internal_format=SRGB8_ALPHA8)
            texture.build_mipmaps()
            texture.filter = (moderngl.LINEAR_MIPMAP_LINEAR, moderngl.LINEAR)
            if not self.software:              # llvmpipe (LLVM 15) can loop for ever in it
                texture.anisotropy = 4.0
            self._keep(key, picture, [texture], picture.nbytes * 4 // 3)
        self.cache.move_to_end(key)
        return self.cache[key][1][0]

    def _vertices(self, part):
        """{pass name: vertex array} of a Part."""
        key = id(part)
        if key not in self.cache:
            rows = np.ones((len(part.positions), 11), "f4")
            rows[:, :3], rows[:, 3:6] = part.positions, part.normals
            rows[:, 6:8] = 0 if part.uv is None else part.uv
            rows[:, 8:] = 1 if part.colours is None else part.colours
            vertices = self.gl.buffer(rows.tobytes())
            index = self.gl.buffer(part.triangles.astype("i4").tobytes())
            layout = [(vertices, "3f 3f 2f 3f", "position", "normal", "uv", "colour")]
            arrays = [self.gl.vertex_array(program, layout, index, skip_errors=True)
                      for program in self.passes.values()]
            self._keep(key, part, arrays + [vertices, index], rows.nbytes + part.triangles.nbytes)
        self.cache.move_to_end(key)
        return dict(zip(self.passes, self.cache[key][1]))

    def _keep(self, key, owner, resources, size):
        self.cache[key] = (owner, resources, size)      # the owner must live as long as its id
        self.used += size

    def free(self, budget=0):
        """Release the least recently used GPU resources until at most `budget` bytes are held."""
        while self.used > budget and self.cache:
            _, (_, resources, size) = self.cache.popitem(last=False)
            for resource in resources:
                resource.release()
            self.used -= size

    def _draw(self, scene, name, projection, **uniforms):
        program = self.passes[name]
        self._set(program, view_projection=projection.T, base=0, **uniforms)
        for parts, matrix, swatch in scene.instances:
            self._set(program, model=matrix.T)
            for part in parts:
                boxed = swatch is not None and part.texture is None
                picture = swatch[0] if boxed else part.texture
                if picture is not None:
                    self._texture(picture).use(0)
                self._set(program, textured=int(picture is not None), masked=int(part.masked),
                          swatch=float(swatch[1] if boxed else 0),
                          material=(float(part.roughness), float(part.metalness)))
                self._vertices(part)[name].render()

    @staticmethod
    def _set(program, **values):
        for name, value in values.items():
            if name in program:
                if isinstance(value, np.ndarray):
                    program[name].write(np.ascontiguousarray(value, "f4").tobytes())
                else:
                    program[name].value = value

    def render(self, scene, camera):
        picture, z = self._opaque(scene, camera)
        if scene.clear:
            solid, scene.instances = scene.instances, scene.instances + scene.clear
            shine, front = self._opaque(scene, camera)
            scene.instances = solid
            picture, z = seen_through(picture, shine, front, front < z), front
        return picture, z

    def _opaque(self, scene, camera):
        eye, (forward, right, up) = np.asarray(camera.eye, float), camera.axes()
        half_w = np.tan(np.radians(camera.fov) / 2)
        half = (float(half_w), float(half_w * self.size[1] / self.size[0]))
        reach = float(np.linalg.norm(np.subtract(camera.target, camera.eye)))
        near = float(np.clip(reach * 0.02, 0.01, 0.25))
        projection = perspective(*half, near) @ view_matrix(eye, right, up, -forward)
        self._geometry(scene, projection, eye, forward)
        sun, sun_colour, harmonics = panorama_light(scene.panorama, scene.yaw)
        radius = float(np.clip(reach * 1.6, 0.6, 60))
        to_sun = sun_matrix(sun, eye + forward * radius * 0.7, radius)
        self.shadow.use()
        self.shadow.clear()
        self._draw(scene, "shadow", to_sun)
        self._set(self.shade, view_projection=projection.T, sun_projection=to_sun.T, eye=tuple(eye),
                  forward=tuple(forward), right=tuple(right), up=tuple(up), half_view=half,
                  sun_direction=tuple(sun), sun_colour=tuple(sun_colour), harmonics=harmonics,
                  shadow_texel=radius / SHADOW_SIZE * 1.5)
        self._light(scene)
        picture, z = self._read()
        self.free(self.budget)
        return picture, z

    def _geometry(self, scene, projection, eye, forward):
        self.gl.enable(moderngl.DEPTH_TEST)
        self.gbuffer.use()
        self.gbuffer.clear(0, 0, 0, 0)
        self._draw(scene, "gbuffer", projection, eye=tuple(eye))
        self.z.use()                           # unjittered, at pixel centres, never averaged
        self.z.clear(0, 0, 0, 0)
        self._draw(scene, "z", projection, plane=(*forward, -float(forward @ eye)))

    def _panorama(self, radiance):
        """float32 [h, w, 3] -> mipmapped texture."""
        key = id(radiance)
        if key not in self.cache:
            texture = self.gl.texture(radiance.shape[1::-1], 3, radiance.astype("f4").tobytes(),
                                      dtype="f4")
            texture.build_mipmaps()
            texture.filter = (moderngl.LINEAR_MIPMAP_LINEAR, moderngl.LINEAR)
            texture.repeat_y = False
            self._keep(key, radiance, [texture], radiance.size * 16 // 3)
        self.cache.move_to_end(key)
        return self.cache[key][1][0]

    def _light(self, scene):
        panorama = self._panorama(scene.panorama)
        names = ("albedo_roughness", "normal_metalness", "place", "shadow", "panorama")
        textures = self.layers + [self.shadow_map, panorama]
        for unit, (name, texture) in enumerate(zip(names, textures)):
            texture.use(unit)
            self._set(self.shade, **{name: unit})
        places, colours = np.zeros((8, 3)), np.zeros((8, 3))
        for i, (place, colour) in enumerate(scene.lights[:8]):
            places[i], colours[i] = place, colour
        self._set(self.shade, light_at=places, light_colour=colours,
                  lights=min(8, len(scene.lights)), yaw=float(scene.yaw), size=self.size,
                  fine=self.ss, sky_gain=float(scene.sky_gain), enclosed=float(scene.enclosed))
        self.light.bind_to_image(0, read=False, write=True)
        self.shade.run((self.size[0] + 7) // 8, (self.size[1] + 7) // 8)
        self.gl.memory_barrier()

    def _read(self):
        w, h = self.size
        picture = np.frombuffer(self.light.read(), "f4").reshape(h, w, 4)[::-1, :, :3]
        z = np.frombuffer(self.z.read(components=1, dtype="f4"), "f4").reshape(h, w)[::-1]
        return np.ascontiguousarray(picture), np.where(z > 0, z, np.float32(np.inf))
