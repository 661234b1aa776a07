// SPDX-License-Identifier: MIT
//
// Every option, once. See options.h for the columns.
#include "base/options/emit.h"

#include <stddef.h>

// The field's address must have the type that the row says: another one does not compile.
#define FIELD(f) \
    .offset = offsetof(struct relief_params, f), .size = sizeof((struct relief_params *)0)->f
// clang-format off
#define CHECKED(f, type) \
    (sizeof(_Generic(&((struct relief_params *)0)->f, type *: (char)0)) - 1 + \
     offsetof(struct relief_params, f))
// clang-format on
#define OPT_FLOAT(n, f) .name = n, .type = RL_OPT_FLOAT, .offset = CHECKED(f, float), .size = 4
#define OPT_INT(n, f) .name = n, .type = RL_OPT_INT, .offset = CHECKED(f, int), .size = sizeof(int)
#define OPT_FLAG(n, f) \
    .name = n, .type = RL_OPT_FLAG, .offset = CHECKED(f, int), .size = sizeof(int)
#define OPT_TIME(n, f) .name = n, .type = RL_OPT_TIME, .offset = CHECKED(f, int64_t), .size = 8
#define OPT_CHOICE(n, f) .name = n, .type = RL_OPT_CHOICE, FIELD(f)
#define OPT_TEXT(n, f) .name = n, .type = RL_OPT_TEXT, FIELD(f)
#define OPT_ALIAS(n, same_as) .name = n, .type = RL_OPT_ALIAS, .fallback = same_as
#define OPT_COMMAND(n) .name = n, .type = RL_OPT_COMMAND

static const struct rl_choice formats[] = {
    {"arcc", RELIEF_FORMAT_ARCC, "red-cyan glasses, full colour"},
    {"arch", RELIEF_FORMAT_ARCH, "red-cyan glasses, half colour: calmer reds"},
    {"arcg", RELIEF_FORMAT_ARCG, "red-cyan glasses, grey"},
    {"arcd", RELIEF_FORMAT_ARCD, "red-cyan glasses, Dubois: least ghosting"},
    {"arbg", RELIEF_FORMAT_ARBG, "red-blue glasses, grey"},
    {"argg", RELIEF_FORMAT_ARGG, "red-green glasses, grey"},
    {"wimmer", RELIEF_FORMAT_WIMMER, "red-cyan glasses, Wimmer: red made of green and blue"},
    {"wimmer2", RELIEF_FORMAT_WIMMER2, "red-cyan glasses, Wimmer's optimised one"},
    {"agmc", RELIEF_FORMAT_AGMC, "green-magenta glasses, full colour"},
    {"agmh", RELIEF_FORMAT_AGMH, "green-magenta glasses, half colour"},
    {"agmg", RELIEF_FORMAT_AGMG, "green-magenta glasses, grey"},
    {"agmd", RELIEF_FORMAT_AGMD, "green-magenta glasses, Dubois: least ghosting"},
    {"aybc", RELIEF_FORMAT_AYBC, "amber-blue glasses, full colour"},
    {"aybh", RELIEF_FORMAT_AYBH, "amber-blue glasses, half colour"},
    {"aybg", RELIEF_FORMAT_AYBG, "amber-blue glasses, grey"},
    {"aybd", RELIEF_FORMAT_AYBD, "amber-blue glasses, Dubois: least ghosting"},
    {"sbsl", RELIEF_FORMAT_SBSL, "side by side, full width, left eye left"},
    {"sbsr", RELIEF_FORMAT_SBSR, "side by side, full width, right eye left (cross-eyed)"},
    {"sbs2l", RELIEF_FORMAT_SBS2L, "side by side, half width, left eye left: 3D television"},
    {"sbs2r", RELIEF_FORMAT_SBS2R, "side by side, half width, right eye left"},
    {"abl", RELIEF_FORMAT_ABL, "above-below, full height, left eye above"},
    {"tbl", RELIEF_FORMAT_ABL, NULL},
    {"abr", RELIEF_FORMAT_ABR, "above-below, full height, right eye above"},
    {"tbr", RELIEF_FORMAT_ABR, NULL},
    {"ab2l", RELIEF_FORMAT_AB2L, "above-below, half height, left eye above"},
    {"tb2l", RELIEF_FORMAT_AB2L, NULL},
    {"ab2r", RELIEF_FORMAT_AB2R, "above-below, half height, right eye above"},
    {"tb2r", RELIEF_FORMAT_AB2R, NULL},
    {"irl", RELIEF_FORMAT_IRL, "interleaved rows, left eye on top"},
    {"irr", RELIEF_FORMAT_IRR, "interleaved rows, right eye on top"},
    {"icl", RELIEF_FORMAT_ICL, "interleaved columns, left eye first"},
    {"icr", RELIEF_FORMAT_ICR, "interleaved columns, right eye first"},
    {"chl", RELIEF_FORMAT_CHL, "checkerboard, left eye first"},
    {"chr", RELIEF_FORMAT_CHR, "checkerboard, right eye first"},
    {"al", RELIEF_FORMAT_AL, "left eye, then right, each half of a frame's time"},
    {"ar", RELIEF_FORMAT_AR, "right eye, then left, each half of a frame's time"},
    {"hdmi", RELIEF_FORMAT_HDMI, "HDMI frame packing, of 1080 or 720 lines"},
    {"vr180", RELIEF_FORMAT_VR180, "half of a sphere, side by side: headsets; see --fov"},
    {"wiggle", RELIEF_FORMAT_WIGGLE, "the views in turn, seven a second: no glasses"},
    {"rgbd", RELIEF_FORMAT_RGBD, "the picture, and its depth map on the right"},
    {"ml", RELIEF_FORMAT_ML, "left eye only"},
    {"mr", RELIEF_FORMAT_MR, "right eye only"},
    {"depth", RELIEF_FORMAT_DEPTH, "the depth map, white nearest; 16 bits in .mkv and .png"},
    {0},
};

static const struct rl_choice screens[] = {
    {"auto", RELIEF_CONVERGENCE_AUTO, "the subject's, found shot by shot"},
    {0},
};

static const struct rl_choice windows[] = {
    {"off", RELIEF_WINDOW_OFF, "the picture's edges lie on the screen"},
    {"on", RELIEF_WINDOW_ON, "they come forward where something near touches them"},
    {0},
};

static const struct rl_choice anchors[] = {
    {"both", RELIEF_ANCHOR_BOTH, "each eye is moved by half"},
    {"left", RELIEF_ANCHOR_LEFT, "the left eye is the source picture"},
    {"right", RELIEF_ANCHOR_RIGHT, "the right eye is the source picture"},
    {0},
};

static const struct rl_choice fills[] = {
    {"film", RELIEF_FILL_FILM, "what the frames around saw there, else single"},
    {"single", RELIEF_FILL_SINGLE, "the background goes on, made up from this frame alone"},
    {0},
};

static const struct rl_choice precisions[] = {
    {"auto", RELIEF_PRECISION_AUTO, "the fastest on this processor"},
    {"f32", RELIEF_PRECISION_F32, "32-bit floating point"},
    {"bf16", RELIEF_PRECISION_BF16, "bfloat16, else f32"},
    {"int8", RELIEF_PRECISION_INT8, "built-in: mostly 8-bit integers; needs VNNI, else f32"},
    {0},
};

static const struct rl_choice resumes[] = {
    {"on", RELIEF_RESUME_ON, "the same command goes on where it was interrupted"},
    {"off", RELIEF_RESUME_OFF, "begin anew, and leave nothing when interrupted"},
    {0},
};

static const struct rl_choice looks[] = {
    {"auto", RELIEF_TTA_AUTO, "built-in and its like; in turns where little is new"},
    {"on", RELIEF_TTA_ON, "with any network, at each frame"},
    {"off", RELIEF_TTA_OFF, "each picture is seen once"},
    {0},
};

static const struct rl_choice bars[] = {
    {"auto", RELIEF_BARS_AUTO, "they are found, stay where they are, and have no depth"},
    {"off", RELIEF_BARS_OFF, "they count as picture"},
    {0},
};

static const struct rl_choice steadiness[] = {
    {"off", RELIEF_STEADY_OFF, "each frame by itself"},
    {"light", RELIEF_STEADY_LIGHT, "a mean of few frames"},
    {"normal", RELIEF_STEADY_NORMAL, "still, without lag"},
    {"strong", RELIEF_STEADY_STRONG, "stiller yet; depth that really changes follows later"},
    {0},
};

static const struct rl_choice rhythms[] = {
    {"auto", 0, "where the picture asks for it, at least every fourth"},
    {0},
};

static const struct rl_choice encoders[] = {
    {"auto", RELIEF_ENCODER_AUTO, "H.264 or H.265; a picture's own kind"},
    {"h264", RELIEF_ENCODER_H264, "H.264 (libx264)"},
    {"libx264", RELIEF_ENCODER_H264, NULL},
    {"h265", RELIEF_ENCODER_H265, "H.265 (libx265)"},
    {"hevc", RELIEF_ENCODER_H265, NULL},
    {"libx265", RELIEF_ENCODER_H265, NULL},
    {"av1", RELIEF_ENCODER_AV1, "AV1 (SVT-AV1 or libaom)"},
    {"prores", RELIEF_ENCODER_PRORES, "Apple ProRes, for editing"},
    {"ffv1", RELIEF_ENCODER_FFV1, "FFV1, lossless"},
    {0},
};

static const struct rl_choice speeds[] = {
    {"fast", RELIEF_SPEED_FAST, "quickest encoder settings"},
    {"normal", RELIEF_SPEED_NORMAL, "a good balance"},
    {"best", RELIEF_SPEED_BEST, "smaller files, slower"},
    {0},
};

static const struct rl_choice progress_styles[] = {
    {"auto", RELIEF_PROGRESS_AUTO, "a bar on a terminal, plain lines elsewhere"},
    {"bar", RELIEF_PROGRESS_BAR, "a bar"},
    {"json", RELIEF_PROGRESS_JSON, "one JSON object a line, on standard output"},
    {"none", RELIEF_PROGRESS_NONE, "nothing"},
    {0},
};

static const struct rl_choice devices[] = {
    {"auto", 0, "the fastest that is there"},
    {"cpu", 0, "the processor"},
    {"gpu", 0, "a graphics card"},
    {"npu", 0, "a neural processing unit"},
    {"dummy", 0, "no network: a made-up depth map, for tests"},
    {0},
};

static const struct rl_choice help_topics[] = {
    {"basic", RL_EMIT_BASIC, "the usual options"},
    {"all", RL_EMIT_ALL, "every option, with its choices"},
    {"man", RL_EMIT_MAN, "the manual, for man -l"},
    {"completion", RL_EMIT_COMPLETION, "completion for bash"},
    {"markdown", RL_EMIT_MARKDOWN, "the page of options, docs/options.md"},
    {"json", RL_EMIT_JSON, "the option table, for programs"},
    {0},
};

static const struct rl_choice log_levels[] = {
    {"error", RELIEF_LOG_ERROR, "only what ends a job"},
    {"warn", RELIEF_LOG_WARN, "and what the user should know"},
    {"info", RELIEF_LOG_INFO, "and one line a job"},
    {"verbose", RELIEF_LOG_VERBOSE, "and what was decided, and why"},
    {"debug", RELIEF_LOG_DEBUG, "for developers"},
    {"trace", RELIEF_LOG_TRACE, "a line for every frame"},
    {0},
};

const struct relief_option rl_option_table[] = {
    {OPT_CHOICE("format", format), .short_name = 'f', .fallback = "arcc", .choices = formats,
     .group = RL_GROUP_LOOK, .basic = true, .brief = "what to make of the two views",
     .detail = "Names and meanings are those of FFmpeg's stereo3d filter. Half formats keep the "
               "picture's size and shape; full ones double its width or height. Amber-blue "
               "anaglyphs have the left eye in amber, as the glasses want; FFmpeg's aybg, aybh and "
               "aybc exchange the eyes. Interleaved formats keep the picture's size, FFmpeg's "
               "double it; they are for screens that show each pixel to one eye, and --pix-fmt "
               "yuv444p keeps colours with their eye. Views in turn (al, ar) double the frame "
               "rate. wiggle of a single picture is a film, which .gif and .apng repeat for "
               "ever. docs/formats.md has a table of what each file says to players."},
    {OPT_FLOAT("divergence", divergence), .min = 0, .max = 10, .step = 0.1, .fallback = "2.0",
     .unit = "% of width", .group = RL_GROUP_LOOK, .basic = true,
     .brief = "how deep the picture gets",
     .detail = "The whole range of parallax between the nearest and the farthest point, in per "
               "cent of the picture's width. More is deeper, and harder on the eyes; 3 is a "
               "customary upper bound for cinema and television."},
    {OPT_FLOAT("convergence", convergence), .min = 0, .max = 1, .step = 0.05, .fallback = "0.5",
     .unit = "N|auto", .choices = screens, .group = RL_GROUP_LOOK, .basic = true,
     .brief = "depth on the screen: 0 far, 1 near, or auto",
     .detail = "What is nearer than this stands in front of the screen, what is farther lies "
               "behind it. 1 puts the whole picture behind the screen. auto looks for the "
               "subject, which is near, in the middle and sharp, as a rule, and puts it on the "
               "screen: at a cut at once, within a shot gently, by a fifth of the range a second "
               "at most."},
    {OPT_CHOICE("window", window), .fallback = "off", .choices = windows, .group = RL_GROUP_LOOK,
     .brief = "black strips where near things touch the border",
     .detail = "What stands in front of the screen and is cut off by the picture's left or right "
               "border looks wrong: an edge behind it covers it. on brings that edge forward to "
               "it, by a black strip in one eye as wide as its parallax (a floating window). "
               "Strips move gently within a shot."},
    {OPT_CHOICE("anchor", anchor), .fallback = "both", .choices = anchors, .group = RL_GROUP_LOOK,
     .brief = "which eye keeps the source picture",
     .detail = "With left or right, that eye's view is the untouched source and the other eye's "
               "view takes the whole parallax."},

    {OPT_FLAG("linear", linear), .fallback = "0", .group = RL_GROUP_LOOK,
     .brief = "arcd, agmd, aybd: mix light, not coded values",
     .detail = "Dubois's least-squares anaglyphs as he meant them: colours are turned to light, "
               "mixed, and coded again; arcd takes his newer matrix. Without it they are as in "
               "FFmpeg, on coded values."},
    {OPT_FLOAT("fov", fov), .min = 20, .max = 150, .step = 5, .fallback = "70", .unit = "degrees",
     .group = RL_GROUP_LOOK, .brief = "vr180: what the camera saw from left to right",
     .detail = "Telephones film with some 70 degrees, cinema with 40 to 60. A larger number makes "
               "the picture larger in the headset."},
    {OPT_FLOAT("curve", curve), .min = -1, .max = 1, .step = 0.1, .fallback = "0", .unit = "amount",
     .group = RL_GROUP_LOOK, .brief = "more depth behind (> 0) or in front (< 0)",
     .detail = "Bends depth as d + curve * d * (1 - d). Above 0 the far half takes more of the "
               "range and what is near gets flatter, below 0 the other way round; nearest and "
               "farthest stay where they are."},
    {OPT_FLOAT("screen-width", screen_width), .min = 0, .max = 100000, .step = 10, .fallback = "0",
     .unit = "mm", .group = RL_GROUP_LOOK, .brief = "screen width, for comfort; 0 = unknown",
     .detail = "With it a shot is warned about that has points more than 65 mm behind the screen, "
               "farther than eyes are apart, and --convergence auto keeps the screen so far back "
               "that none lie there. Nothing else changes. 0 = not known."},
    {OPT_CHOICE("fill", fill), .fallback = "film", .choices = fills, .group = RL_GROUP_LOOK,
     .brief = "what to show behind near things",
     .detail = "Beside near things each eye sees a strip that the camera did not. film takes it "
               "from what it remembers of the frames before, and from up to four after, where "
               "the camera or the thing has moved, and keeps what it had to make up steady; "
               "single makes it up from each frame alone, and is a little faster."},

    {OPT_TEXT("model", model), .short_name = 'm', .fallback = "built-in", .unit = "NAME|PATH",
     .group = RL_GROUP_DEPTH, .basic = true, .brief = "depth network: built-in, a name or a file",
     .detail = "A name of relief models list, such as midas-small or da2-small; or any ONNX or "
               "OpenVINO IR file that takes a picture and gives a depth map. A file NAME.json "
               "beside it may describe input size, normalisation and the meaning of the output; "
               "without one, sensible defaults are taken from the network itself."},
    {OPT_COMMAND("download"), .group = RL_GROUP_DEPTH, .brief = "fetch the model without asking",
     .detail =
         "A model that is known by name and not here is downloaded. On a terminal relief asks "
         "otherwise; in scripts it fails. relief models get does the same beforehand."},
    {OPT_INT("depth-size", depth_size), .min = 0, .max = 4096, .step = 32, .fallback = "0",
     .unit = "pixels", .group = RL_GROUP_DEPTH, .basic = true,
     .brief = "longer side of the network's input; 0 = its own",
     .detail = "Larger finds finer detail and takes longer. Rounded to what the network takes; "
               "networks of fixed size ignore it."},
    {OPT_TEXT("device", device), .fallback = "auto", .unit = "NAME", .choices = devices,
     .group = RL_GROUP_DEPTH, .basic = true, .brief = "where the network runs",
     .detail = "Falls back to the processor, with a warning, when the device is not there. relief "
               "devices lists what is. Other names are handed to the engine as they are."},
    {OPT_CHOICE("precision", precision), .fallback = "auto", .choices = precisions,
     .group = RL_GROUP_DEPTH, .brief = "arithmetic of the network",
     .detail = "auto takes bfloat16 with AMX and on AMD's processors from Zen 4 on, else the "
               "built-in network's version in 8 bits with AVX-VNNI or AVX512-VNNI, else 32 bits. "
               "Either changes the depth map by up to one per cent of its range on average."},
    {OPT_CHOICE("tta", tta), .fallback = "auto", .choices = looks, .group = RL_GROUP_DEPTH,
     .brief = "the network sees each picture mirrored, too",
     .detail = "The mean of both depth maps errs less than either, and the network takes twice its "
               "time (test-time augmentation). Where nearly all of a frame was in the one before, "
               "auto looks once, as it is and mirrored in turns, and carries the other look along "
               "motion."},
    {OPT_CHOICE("bars", bars), .fallback = "auto", .choices = bars, .group = RL_GROUP_DEPTH,
     .brief = "black bars of letterboxed films",
     .detail = "Bars above and below, or left and right, are told from a dark picture by the "
               "straight line at which they end. The network sees the picture between them, each "
               "eye sees them where they are. Subtitles in them do not matter."},
    {OPT_CHOICE("steady", steady), .fallback = "normal", .choices = steadiness,
     .group = RL_GROUP_DEPTH, .basic = true, .brief = "how still depth is kept over time",
     .detail = "Networks see each frame anew and give a slightly different answer every time. What "
               "they said before is carried along with the picture's motion and averaged, within "
               "a shot; where something moves, appears or is cut, the newest answer counts."},
    {OPT_INT("depth-every", depth_every), .min = 0, .max = 8, .step = 1, .fallback = "1",
     .unit = "N|auto", .choices = rhythms, .group = RL_GROUP_DEPTH,
     .brief = "network on each N-th frame; 0, auto: where needed",
     .detail = "Between, depth follows the picture's motion from the frames before and behind. The "
               "first and the last frame of a shot always count. Without effect with --steady off "
               "and with --depth-in."},
    {OPT_TEXT("depth-in", depth_in), .unit = "FILE", .fallback = "", .group = RL_GROUP_DEPTH,
     .basic = true, .brief = "use these depth maps instead of a network",
     .detail = "A video, a numbered sequence, a folder or one picture; grey, any size, white "
               "nearest. A single picture serves for all frames."},
    {OPT_TEXT("depth-out", depth_out), .unit = "FILE", .fallback = "", .group = RL_GROUP_DEPTH,
     .basic = true, .brief = "store the depth maps",
     .detail = "A numbered sequence such as d_%04d.png (16-bit PNG) or a video file (FFV1, 16-bit "
               "grey; .mkv); 65535 is nearest. --depth-in takes either back."},

    {OPT_CHOICE("encoder", encoder), .fallback = "auto", .choices = encoders,
     .group = RL_GROUP_ENCODING, .basic = true, .brief = "kind of video to write",
     .detail = "The container follows from the output's name. auto is H.264; H.265 for films of "
               "more than 8 bits a sample (HDR) and for pictures beyond 4096x2304, which few "
               "players of H.264 show; AV1 in WebM; and a picture's own kind."},
    {OPT_FLOAT("crf", crf), .min = -1, .max = 63, .step = 1, .fallback = "-1", .unit = "quality",
     .group = RL_GROUP_ENCODING, .basic = true,
     .brief = "constant quality, lower is better; -1: by encoder",
     .detail = "The default is 18 for H.264, 20 for H.265 and 28 for AV1. ProRes and FFV1 have no "
               "such setting."},
    {OPT_TEXT("preset", preset), .fallback = "", .unit = "NAME", .group = RL_GROUP_ENCODING,
     .brief = "the encoder's own preset; empty = by --speed",
     .detail = "For example veryfast, medium or slow with H.264 and H.265, 0 to 13 with SVT-AV1."},
    {OPT_TEXT("pix-fmt", pix_fmt), .fallback = "", .unit = "NAME", .group = RL_GROUP_ENCODING,
     .brief = "pixel format; empty = nearest to the source",
     .detail = "FFmpeg's name, such as yuv444p. 4:4:4 keeps red and cyan edges sharp in "
               "anaglyphs."},
    {OPT_INT("max-height", max_height), .min = 0, .max = 16384, .step = 120, .fallback = "0",
     .unit = "lines", .group = RL_GROUP_ENCODING,
     .brief = "scale higher films down to this; 0 = as they are",
     .detail = "In front of everything else, with the shape kept: each eye's picture is at most so "
               "high, before a format puts two of them together. A 4K film side by side at full "
               "width is 7680 pixels wide without, and 3840 with 1080, in a fraction of the time."},
    {OPT_CHOICE("speed", speed), .fallback = "normal", .choices = speeds,
     .group = RL_GROUP_ENCODING, .basic = true, .brief = "trade time for size and quality",
     .detail = "One switch for the encoder's preset; --preset overrules it."},

    {OPT_COMMAND("output"), .short_name = 'o', .unit = "FILE|DIR/", .group = RL_GROUP_RUNNING,
     .basic = true, .brief = "where to write: a file, a folder or -",
     .detail = "A file, a folder that ends in /, a pattern such as out_%04d.png, or - for "
               "standard output (Matroska). With several inputs or a folder the names are "
               "NAME_3d.EXT."},
    {OPT_FLAG("name-tokens", name_tokens), .fallback = "0", .group = RL_GROUP_RUNNING,
     .brief = "names that players of 3D understand",
     .detail = "Names that relief chooses end in what Kodi, Skybox, DeoVR and iw3's player look "
               "for, such as film_3D_LRF_Full_SBS.mp4. docs/formats.md has them all."},
    {OPT_FLAG("overwrite", overwrite), .short_name = 'y', .fallback = "0",
     .group = RL_GROUP_RUNNING, .basic = true, .brief = "replace existing output",
     .detail = "The old file stays until the new one is complete. The input is never replaced."},
    {OPT_COMMAND("skip-existing"), .group = RL_GROUP_RUNNING,
     .brief = "leave inputs out whose output exists",
     .detail = "For many films of which some are done: given again, the same command goes on."},
    {OPT_CHOICE("resume", resume), .fallback = "on", .choices = resumes, .group = RL_GROUP_RUNNING,
     .brief = "go on where an interrupted run ended",
     .detail = "What is encoded is kept in OUTPUT.resume until the output is complete. After an "
               "interruption or a crash the same command goes on at the last key "
               "picture; with another input, other options or another version of relief it "
               "begins anew. Not with --keep, --depth-out, pictures, GIF or standard input "
               "and output."},
    {OPT_TIME("start", start_us), .fallback = "0", .unit = "TIME", .group = RL_GROUP_RUNNING,
     .basic = true, .brief = "where to begin: [HH:]MM:SS[.mmm] or seconds",
     .detail = "Counted from the beginning of the film."},
    {OPT_TIME("duration", duration_us), .fallback = "0", .unit = "TIME", .group = RL_GROUP_RUNNING,
     .basic = true, .brief = "how much to convert; 0 = all",
     .detail = "Sound and subtitles are cut to the same span."},
    {OPT_INT("threads", threads), .min = 0, .max = 256, .step = 1, .fallback = "0", .unit = "count",
     .group = RL_GROUP_RUNNING, .basic = true, .brief = "threads; 0 = one per core",
     .detail = "The number of threads never changes a pixel of the views. 1 runs all stages in "
               "one thread."},
    {OPT_INT("cpu-mask", cpu_mask), .min = -1, .max = 65535, .step = 1, .fallback = "-1",
     .unit = "bits", .group = RL_GROUP_RUNNING, .brief = "processor features to use",
     .detail = "0 = plain C, 1 = AVX2, 2 = AVX-512, -1 = all. Changes speed, never a pixel."},
    {OPT_CHOICE("progress", progress), .fallback = "auto", .choices = progress_styles,
     .group = RL_GROUP_RUNNING, .basic = true, .brief = "how to show progress",
     .detail = "Bars and lines go to standard error."},
    {OPT_TEXT("report", report), .fallback = "", .unit = "FILE", .group = RL_GROUP_RUNNING,
     .brief = "write a JSON report of the job",
     .detail = "Frames, times of the stages, what was copied, what was left out and why."},
    {OPT_TEXT("keep", keep), .fallback = "", .unit = "DIR", .group = RL_GROUP_RUNNING,
     .basic = true, .brief = "keep frames, depth, left and right as PNG",
     .detail =
         "Lossless numbered pictures in DIR/frames, DIR/depth, DIR/left and DIR/right; in "
         "DIR/known, how much of each depth map was known from frames before: black where all "
         "is new, as at a cut; "
         "16-bit where the source has more than 8. Needs much space."},
    {OPT_CHOICE("log", log), .fallback = "warn", .choices = log_levels, .group = RL_GROUP_RUNNING,
     .brief = "how much to say", .detail = "Lines go to standard error."},
    {OPT_ALIAS("verbose", "log=verbose"), .short_name = 'v', .group = RL_GROUP_RUNNING,
     .basic = true, .brief = "say what was decided, and why"},
    {OPT_ALIAS("quiet", "log=error"), .short_name = 'q', .group = RL_GROUP_RUNNING, .basic = true,
     .brief = "say only what ends a job; no progress"},
    {OPT_COMMAND("listen"), .unit = "ADDRESS", .fallback = "127.0.0.1", .group = RL_GROUP_SERVING,
     .brief = "address that relief serve listens on",
     .detail =
         "Of this machine: 127.0.0.1 is seen by nobody else, 0.0.0.0 by the whole network. Any "
         "but a loopback address needs a token."},
    {OPT_COMMAND("port"), .unit = "N", .fallback = "8347", .group = RL_GROUP_SERVING,
     .brief = "its port; 0 = any that is free"},
    {OPT_COMMAND("token"), .unit = "TEXT", .group = RL_GROUP_SERVING,
     .brief = "a secret that every request has to know",
     .detail = "The address that is printed holds it. Made up for other addresses than loopback "
               "when none is given."},
    {OPT_COMMAND("data"), .unit = "DIR", .group = RL_GROUP_SERVING,
     .brief = "where films, results and jobs are kept",
     .detail = "$XDG_DATA_HOME/relief or ~/.local/share/relief when it is not given."},
    {OPT_COMMAND("folder"), .unit = "DIR", .group = RL_GROUP_SERVING,
     .brief = "films in this folder may be named instead of uploaded"},
    {OPT_COMMAND("max-upload"), .unit = "GIB", .fallback = "100", .group = RL_GROUP_SERVING,
     .brief = "largest film that is taken"},
    {OPT_COMMAND("keep-days"), .unit = "DAYS", .fallback = "7", .group = RL_GROUP_SERVING,
     .brief = "how long films and results stay; 0 = for ever"},
    {OPT_COMMAND("json"), .group = RL_GROUP_RUNNING, .basic = true,
     .brief = "info, models, devices: print JSON"},
    {OPT_COMMAND("help"), .short_name = 'h', .choices = help_topics, .group = RL_GROUP_RUNNING,
     .basic = true, .brief = "this help; --help=all shows every option"},
    {OPT_COMMAND("version"), .group = RL_GROUP_RUNNING, .basic = true,
     .brief = "version and licence"},
};

const size_t rl_option_count = sizeof rl_option_table / sizeof *rl_option_table;

const struct relief_option *relief_options(size_t *count)
{
    if (count)
        *count = rl_option_count;
    return rl_option_table;
}
