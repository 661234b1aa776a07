// SPDX-License-Identifier: MIT
//
// relief: turns 2D video into stereoscopic 3D.
//
// The whole public interface, and its manual. A conversion in six calls:
//
//     struct relief_error err = {0};
//     struct relief_params params;
//     struct relief_context *ctx = NULL;
//     struct relief_job *job = NULL;
//
//     relief_params_default(&params);
//     relief_context_create(&ctx, NULL, &err);
//     relief_job_create(&job, ctx, "film.mp4", "film_3d.mp4", &params, &err);
//     if (relief_job_run(job, NULL, NULL, &err) != RELIEF_OK)
//         fprintf(stderr, "%s\n", err.message);
//     relief_job_free(&job);
//     relief_context_free(&ctx);
//
// Rules that hold everywhere:
//  1. There is no global state. Several contexts, and several jobs in one context, may run at the
//     same time in one process.
//  2. A function that can fail returns an enum relief_status and takes a struct relief_error as
//     its last argument. That argument may be NULL. When it is not, it must be zeroed before its
//     first use; it keeps the first cause, later failures do not overwrite it.
//  3. Strings are UTF-8 and NUL-terminated. Strings passed in are copied; they need to live only
//     until the call returns. Strings passed out belong to the object they came from.
//  4. A _free function takes the address of the pointer, accepts NULL inside, and sets it to NULL.
//  5. Times are microseconds, sizes are pixels, unless a name says otherwise.
//  6. Numbers in text have a point, whatever the program's locale. While a function works, and when
//     it calls back, its thread is in the locale "C".
#ifndef RELIEF_RELIEF_H
#define RELIEF_RELIEF_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define RELIEF_API __attribute__((visibility("default")))
#define RELIEF_MUST_USE __attribute__((warn_unused_result))
#else
#define RELIEF_API
#define RELIEF_MUST_USE
#endif

#define RELIEF_VERSION_MAJOR 0
#define RELIEF_VERSION_MINOR 1
#define RELIEF_VERSION_PATCH 0

// "0.1.0". Static; any thread.
RELIEF_API const char *relief_version(void);

// ---------------------------------------------------------------------------------------------
// Errors

// What became of a call. The command exits with the number in brackets.
enum relief_status {
    RELIEF_OK = 0,        // done [0]
    RELIEF_E_FAILED,      // the conversion failed [1]
    RELIEF_E_MEMORY,      // out of memory [1]
    RELIEF_E_ARGUMENT,    // wrong use: unknown option, value out of range [2]
    RELIEF_E_INPUT,       // the input is missing, unreadable or holds no picture [3]
    RELIEF_E_OUTPUT,      // the output cannot be written [4]
    RELIEF_E_MODEL,       // the depth model is missing or not usable [5]
    RELIEF_E_DEVICE,      // the device or engine is not available [5]
    RELIEF_E_CANCELLED,   // stopped by relief_job_cancel() [130]
};

// A static word for a status ("input", "cancelled", ...); never NULL. Any thread.
RELIEF_API const char *relief_status_name(enum relief_status status);

// The exit code that the command uses for a status. Any thread.
RELIEF_API int relief_status_exit_code(enum relief_status status);

// The first cause of a failure. The caller owns it; zero it before the first use.
struct relief_error {
    enum relief_status status;
    char message[640];  // "FILE: what went wrong: why"; one line, no full stop
    char hint[256];     // what to try; may be empty
};

// ---------------------------------------------------------------------------------------------
// Log

enum relief_log_level {
    RELIEF_LOG_ERROR = 0,
    RELIEF_LOG_WARN,
    RELIEF_LOG_INFO,
    RELIEF_LOG_VERBOSE,
    RELIEF_LOG_DEBUG,
    RELIEF_LOG_TRACE,
};

// Where a context's log lines go.
struct relief_log_sink {
    // Called with one complete line without newline. Calls are serialised, but come from any
    // thread of the context. Must not call back into relief.
    void (*line)(void *user, enum relief_log_level level, const char *text);
    void *user;
    enum relief_log_level level;  // lines above this level are not formatted at all
};

// ---------------------------------------------------------------------------------------------
// Parameters
//
// Every field is a row of the option table (relief_options()), which holds name, unit, range,
// default and help. Fill with relief_params_default(), then set fields directly or by name with
// relief_params_set(); relief_job_create() checks all of them.

#define RELIEF_TEXT_MAX 1024  // bytes of a text field, its final NUL included

enum relief_anchor { RELIEF_ANCHOR_BOTH = 0, RELIEF_ANCHOR_LEFT, RELIEF_ANCHOR_RIGHT };

enum relief_tta { RELIEF_TTA_AUTO = 0, RELIEF_TTA_ON, RELIEF_TTA_OFF };
enum relief_bars { RELIEF_BARS_AUTO = 0, RELIEF_BARS_OFF };

enum relief_fill { RELIEF_FILL_FILM = 0, RELIEF_FILL_SINGLE };

// A value of relief_params.convergence: the subject is found, shot by shot.
#define RELIEF_CONVERGENCE_AUTO (-1)

enum relief_window { RELIEF_WINDOW_OFF = 0, RELIEF_WINDOW_ON };

// Whether an interrupted conversion goes on where it stopped.
enum relief_resume { RELIEF_RESUME_ON = 0, RELIEF_RESUME_OFF };

// RELIEF_PRECISION_INT8: in the layers that allow it.
enum relief_precision {
    RELIEF_PRECISION_AUTO = 0,
    RELIEF_PRECISION_F32,
    RELIEF_PRECISION_BF16,
    RELIEF_PRECISION_INT8
};

// How still depth is kept over time.
enum relief_steady {
    RELIEF_STEADY_OFF = 0,  // each frame by itself
    RELIEF_STEADY_LIGHT,
    RELIEF_STEADY_NORMAL,
    RELIEF_STEADY_STRONG,
};

// What the two eyes' views are composed to. Names, and their meaning, as in FFmpeg's stereo3d.
enum relief_format {
    RELIEF_FORMAT_ARCC = 0,  // anaglyph red-cyan, colour
    RELIEF_FORMAT_ARCH,      // anaglyph red-cyan, half colour
    RELIEF_FORMAT_ARCG,      // anaglyph red-cyan, grey
    RELIEF_FORMAT_ARCD,      // anaglyph red-cyan, Dubois
    RELIEF_FORMAT_ARBG,      // anaglyph red-blue, grey
    RELIEF_FORMAT_ARGG,      // anaglyph red-green, grey
    RELIEF_FORMAT_SBSL,      // side by side, left eye left
    RELIEF_FORMAT_SBSR,      // side by side, right eye left
    RELIEF_FORMAT_SBS2L,     // side by side, half width, left eye left
    RELIEF_FORMAT_SBS2R,     // side by side, half width, right eye left
    RELIEF_FORMAT_ABL,       // above-below, left eye above
    RELIEF_FORMAT_ABR,       // above-below, right eye above
    RELIEF_FORMAT_AB2L,      // above-below, half height, left eye above
    RELIEF_FORMAT_AB2R,      // above-below, half height, right eye above
    RELIEF_FORMAT_ML,        // left eye only
    RELIEF_FORMAT_MR,        // right eye only
    RELIEF_FORMAT_DEPTH,     // the depth map as grey, white nearest
    RELIEF_FORMAT_AGMG,      // anaglyph green-magenta, grey
    RELIEF_FORMAT_AGMH,      // anaglyph green-magenta, half colour
    RELIEF_FORMAT_AGMC,      // anaglyph green-magenta, colour
    RELIEF_FORMAT_AGMD,      // anaglyph green-magenta, Dubois
    RELIEF_FORMAT_AYBG,      // anaglyph amber-blue, grey; left eye amber, in FFmpeg's grey, half
    RELIEF_FORMAT_AYBH,      // half colour                and colour ones the eyes are exchanged
    RELIEF_FORMAT_AYBC,      // colour
    RELIEF_FORMAT_AYBD,      // Dubois
    RELIEF_FORMAT_WIMMER,    // anaglyph red-cyan, red made of green and blue (not in FFmpeg)
    RELIEF_FORMAT_IRL,       // interleaved rows, left eye on top; these six keep the source's size
    RELIEF_FORMAT_IRR,       // interleaved rows, right eye on top
    RELIEF_FORMAT_ICL,       // interleaved columns, left eye first
    RELIEF_FORMAT_ICR,       // interleaved columns, right eye first
    RELIEF_FORMAT_CHL,       // checkerboard, left eye first
    RELIEF_FORMAT_CHR,       // checkerboard, right eye first
    RELIEF_FORMAT_WIMMER2,   // anaglyph red-cyan, Wimmer's optimised one (not in FFmpeg)
    RELIEF_FORMAT_AL,        // every frame twice: half of its time the left view, then the right
    RELIEF_FORMAT_AR,        // the right view, then the left
    RELIEF_FORMAT_HDMI,      // HDMI frame packing: left, blank lines, right; 1080 or 720 lines
    RELIEF_FORMAT_RGBD,      // the picture, and its depth map on the right (not in FFmpeg)
    RELIEF_FORMAT_WIGGLE,    // the views in turn, some seven a second, at the source's frame rate
    RELIEF_FORMAT_VR180,     // half of a sphere, equirectangular, side by side, left eye left
    RELIEF_FORMAT_COUNT
};

enum relief_encoder {
    RELIEF_ENCODER_AUTO = 0,  // H.264; H.265 for more than 8 bits or very large pictures; the
                              // input's kind for stills and sequences
    RELIEF_ENCODER_H264,
    RELIEF_ENCODER_H265,
    RELIEF_ENCODER_AV1,
    RELIEF_ENCODER_PRORES,
    RELIEF_ENCODER_FFV1,
};

enum relief_speed { RELIEF_SPEED_FAST = 0, RELIEF_SPEED_NORMAL, RELIEF_SPEED_BEST };

struct relief_params {
    // Look
    enum relief_format format;  // default RELIEF_FORMAT_ARCC
    float divergence;           // whole range of parallax, % of picture width; 0..10, default 2.0
    float convergence;          // the depth that lies on the screen; 0 far .. 1 near, default 0.5;
                                // RELIEF_CONVERGENCE_AUTO: the subject's
    enum relief_window window;  // whether the picture's edges come before the screen; default off
    float curve;                // foreground against background; -1..1, default 0: as it is
    float screen_width;         // of the viewer's screen, mm; 0 = not known
    enum relief_anchor anchor;  // which eye keeps the source picture; default both share
    enum relief_fill fill;      // what stands where an eye sees behind near things
    int linear;                 // 1: arcd, agmd and aybd are made in linear light; default 0
    float fov;                  // vr180: what the camera saw from left to right, degrees; 20..150,
                                // default 70

    // Depth
    char model[RELIEF_TEXT_MAX];      // "built-in", a name of relief_models(), or a network's path
    int depth_size;                   // longer side of the network's input; 0 = the model's own
    char device[64];                  // "auto", "cpu", "gpu", "npu", or "dummy" for tests
    enum relief_precision precision;  // arithmetic of the network
    enum relief_tta tta;              // whether it sees each picture mirrored, too
    enum relief_bars bars;            // whether black bars are told from the picture
    enum relief_steady steady;        // how still depth is kept; default normal
    int depth_every;                  // the network sees every N-th frame; 0 = where needed
    char depth_in[RELIEF_TEXT_MAX];   // depth maps to use instead of a network; empty = none
    char depth_out[RELIEF_TEXT_MAX];  // where to store the depth maps; empty = nowhere

    // Encoding
    enum relief_encoder encoder;
    float crf;             // constant quality, 0..63, lower is better; -1 = the encoder's default
    char preset[64];       // the encoder's own preset name; empty = by speed
    char pix_fmt[64];      // FFmpeg's pixel format name; empty = nearest to the source
    int max_height;        // higher films are scaled down to it first; 0 = as they are
    enum relief_speed speed;

    // Range
    int64_t start_us;     // where to begin, microseconds from the start; 0 = at the beginning
    int64_t duration_us;  // how much to convert; 0 = all

    // Running
    int threads;                     // 0 = one per core; 1 = everything in one thread
    int cpu_mask;                    // which CPU features kernels may use; -1 = all, 0 = plain C
    int overwrite;                   // 1: an existing output is replaced
    enum relief_resume resume;       // whether an interrupted conversion goes on; default on
    char keep[RELIEF_TEXT_MAX];      // folder for frames, depth, left and right; empty = none
    char report[RELIEF_TEXT_MAX];    // file for a JSON report of the job; empty = none
    int name_tokens;                 // used by the command only: names that players understand
    int progress;                    // used by the command only: enum relief_progress_style
    enum relief_log_level log;       // used by the command only: how much it says
};

enum relief_progress_style {
    RELIEF_PROGRESS_AUTO = 0,
    RELIEF_PROGRESS_BAR,
    RELIEF_PROGRESS_JSON,
    RELIEF_PROGRESS_NONE
};

// Fill all fields from the option table. Cannot fail. Any thread.
RELIEF_API void relief_params_default(struct relief_params *params);

// Set one option from text, as on the command line without the dashes: ("divergence", "2.5").
// On error (RELIEF_E_ARGUMENT) the parameters are unchanged and the text names the nearest option
// or the allowed range. Any thread, one at a time for one struct.
RELIEF_API RELIEF_MUST_USE enum relief_status
relief_params_set(struct relief_params *params, const char *name, const char *value,
                  struct relief_error *err);

// Write "name=value,..." of every option that differs from its default, at most `size` bytes with
// the final NUL. Returns the length needed without the NUL, as snprintf does. Any thread.
RELIEF_API size_t relief_params_print(const struct relief_params *params, char *text, size_t size);

// One row of the option table; see src/base/options/options.h for what the fields hold.
struct relief_option;

// The option table, and in *count its rows. Static, read-only, any thread.
RELIEF_API const struct relief_option *relief_options(size_t *count);

// ---------------------------------------------------------------------------------------------
// Context: worker threads, opened networks, log. Shared by jobs and previews, so that a preview
// does not load the model again. Thread-safe.

struct relief_context;

// `sink` may be NULL: then nothing is logged. It is copied.
RELIEF_API RELIEF_MUST_USE enum relief_status
relief_context_create(struct relief_context **ctx, const struct relief_log_sink *sink,
                      struct relief_error *err);

// All jobs of the context must be freed before.
RELIEF_API void relief_context_free(struct relief_context **ctx);

// ---------------------------------------------------------------------------------------------
// What is in a file

struct relief_stream_info {
    char kind[16];       // "video", "audio", "subtitle", "data", "attachment"
    char codec[32];      // FFmpeg's codec name
    char language[16];   // "por" (ISO 639-2) or "pt-BR" (BCP 47), as the file has it; "": unsaid
    char detail[96];     // "48000 Hz, stereo" and the like
};

struct relief_media_info {
    char kind[16];            // "video", "picture" (a single one), "sequence" (of pictures)
    char container[64];       // FFmpeg's format name
    int width, height;        // of the upright picture, rotation applied
    int sample_aspect_num;    // shape of a pixel; 1:1 when unknown
    int sample_aspect_den;
    char pix_fmt[32];         // FFmpeg's pixel format name
    int bits_per_sample;      // 8, 10, 12, ...
    int rotation_degrees;     // clockwise turn that the file asks for: 0, 90, 180, 270
    int interlaced;           // 1: the file says its frames are interlaced
    int frame_rate_num;       // average frame rate; 0/1 when unknown
    int frame_rate_den;
    int64_t start_us;         // time of the first picture
    int64_t duration_us;      // 0 when unknown
    int64_t frame_count;      // as the file states or implies it; 0 when unknown
    char color[96];           // "bt709/bt709/bt709 tv": primaries/transfer/matrix range
    int chapter_count;
    int stream_count;         // all streams; the first 32 are described
    struct relief_stream_info streams[32];
};

// Reads headers only; opens no output. `path` may be a file, a numbered sequence (f_%04d.png), a
// folder of pictures or "-". Fails with RELIEF_E_INPUT.
RELIEF_API RELIEF_MUST_USE enum relief_status
relief_probe(struct relief_context *ctx, const char *path, struct relief_media_info *info,
             struct relief_error *err);

// What a job would write.
struct relief_outlook {
    int width, height;            // of the composed pictures
    enum relief_encoder encoder;  // AUTO for pictures, which keep their kind
    int frames_for_each;          // frames for one of the source: 2 for al and ar, else 1
};

// For a film of this kind and these parameters, when the container takes what is picked. Fails with
// RELIEF_E_ARGUMENT when the format has no such pictures (hdmi). Any thread.
RELIEF_API RELIEF_MUST_USE enum relief_status
relief_look_ahead(struct relief_outlook *outlook, const struct relief_params *params,
                  const struct relief_media_info *info, struct relief_error *err);

// ---------------------------------------------------------------------------------------------
// Jobs

struct relief_job;

#define RELIEF_STAGE_COUNT 6

struct relief_stage_time {
    const char *name;      // static: "read", "depth", "steady", "stereo", "compose", "write"
    double busy_seconds;   // time spent working, waiting not counted
};

// A consistent snapshot of a running job.
struct relief_progress {
    int64_t frames_done;      // frames handed to the encoder
    int64_t frames_resumed;   // of these, those that an interrupted run of the job had encoded
    int64_t frames_expected;  // as the file implies; 0 when unknown
    double elapsed_seconds;   // since relief_job_run() began
    double fps;               // frames per second over the last few seconds
    double eta_seconds;       // time left; -1 when unknown
    struct relief_stage_time stages[RELIEF_STAGE_COUNT];
};

// Called a few times a second by the thread that is in relief_job_run(), and once at the end.
typedef void (*relief_progress_fn)(void *user, const struct relief_progress *progress);

// Copies paths and parameters and checks them (RELIEF_E_ARGUMENT); touches no file yet.
// The context must outlive the job. `output` may be a file name, "-" (Matroska to standard
// output), or a pattern such as out_%04d.png.
RELIEF_API RELIEF_MUST_USE enum relief_status
relief_job_create(struct relief_job **job, struct relief_context *ctx, const char *input,
                  const char *output, const struct relief_params *params,
                  struct relief_error *err);

// Convert the whole job. Blocks until done, cancelled or failed. The output appears under its
// name only when it is complete. On failure nothing is left of it but, where params.resume is on
// and the film was several seconds long, OUTPUT.resume, with which the same job goes on there.
// `progress` may be NULL.
// Threads: one call per job; relief_job_cancel() and relief_job_progress() may run beside it.
// A job runs once: after run it can only be asked for its progress and freed.
RELIEF_API RELIEF_MUST_USE enum relief_status
relief_job_run(struct relief_job *job, relief_progress_fn progress, void *user,
               struct relief_error *err);

// Ask a running job to stop: one atomic store, allowed in a signal handler and from any thread.
// relief_job_run() then returns RELIEF_E_CANCELLED, within a second as a rule.
RELIEF_API void relief_job_cancel(struct relief_job *job);

// Never blocks the pipeline. Any thread.
RELIEF_API void relief_job_progress(const struct relief_job *job, struct relief_progress *progress);

RELIEF_API void relief_job_free(struct relief_job **job);

// ---------------------------------------------------------------------------------------------
// Preview

// A picture in memory: RGBA, 8 bits each, rows top to bottom.
struct relief_image {
    int width, height;      // pixels
    ptrdiff_t stride;       // bytes from one row to the next
    uint8_t *pixels;        // owned by the image; relief_image_free() releases it
};

// One frame, the one on screen at `time_us` from the start of the film, through the same stages
// as a job with the same parameters. Blocks; several may run at the same time. On success the
// caller owns `image`.
RELIEF_API RELIEF_MUST_USE enum relief_status
relief_preview(struct relief_context *ctx, const char *input, int64_t time_us,
               const struct relief_params *params, struct relief_image *image,
               struct relief_error *err);

// What a viewer shows.
enum relief_view {
    RELIEF_VIEW_OUTPUT = 0,  // what a job with these parameters would write
    RELIEF_VIEW_SOURCE,      // the source picture
    RELIEF_VIEW_DEPTH,       // the depth map as grey, white nearest
    RELIEF_VIEW_LEFT,        // the left eye's view
    RELIEF_VIEW_RIGHT,       // the right eye's view
    RELIEF_VIEW_ANAGLYPH,    // for the glasses of params->format; red-cyan when it takes none
    RELIEF_VIEW_SBS,         // both views whole, the left eye's on the left
    RELIEF_VIEW_COUNT
};

// "output", "source", ... as the HTTP API spells them; NULL from RELIEF_VIEW_COUNT on. Any thread.
RELIEF_API const char *relief_view_name(enum relief_view view);

// Looks at one film again and again. The pictures seen last and their depth maps are kept, so that
// other views, formats, divergences and convergences of a picture cost milliseconds; the depth is
// estimated again only when an option of the group "depth" has changed.
struct relief_viewer;

// Copies the path; touches no file yet. Pictures whose longer side has more than `longest_px` are
// reduced to it first, which makes everything faster; 0 leaves them as they are. The context must
// outlive the viewer.
RELIEF_API RELIEF_MUST_USE enum relief_status
relief_viewer_create(struct relief_viewer **viewer, struct relief_context *ctx, const char *path,
                     int longest_px, struct relief_error *err);

// As relief_preview(), of the viewer's film. Any thread; calls for one viewer wait for each other.
RELIEF_API RELIEF_MUST_USE enum relief_status
relief_viewer_render(struct relief_viewer *viewer, int64_t time_us,
                     const struct relief_params *params, enum relief_view view,
                     struct relief_image *image, struct relief_error *err);

// Frees the pictures and maps that it kept; no call of it may be under way.
RELIEF_API void relief_viewer_free(struct relief_viewer **viewer);

// Releases the pixels and zeroes the struct.
RELIEF_API void relief_image_free(struct relief_image *image);

// ---------------------------------------------------------------------------------------------
// Models: depth networks that are known by name. Their files come from the web, once, and stay in
// the user's cache ($XDG_CACHE_HOME/relief/models). Nothing but relief_models_get() uses the
// network. Any thread.

enum relief_model_state {
    RELIEF_MODEL_MISSING = 0,  // relief_models_get() fetches it
    RELIEF_MODEL_PARTIAL,      // a download has begun and not ended
    RELIEF_MODEL_PRESENT,      // ready for use
};

struct relief_model_info {
    char name[64];           // as `model` takes it; "built-in" comes first
    char description[160];
    char licence[64];        // SPDX where there is such a name
    int non_commercial;      // 1: the licence forbids commercial use
    char input[64];          // "518, aspect kept, multiples of 14"
    char output[32];         // "inverse depth", "depth", "metric depth"
    int64_t bytes;           // of all files; 0 when unknown
    int bytes_are_exact;     // 0: about
    int from_user;           // 1: from the user's own registry
    enum relief_model_state state;
    char path[RELIEF_TEXT_MAX];  // of the network's file, there or not
    char url[512];               // where that comes from; empty for the built-in model
};

struct relief_download {
    const char *model, *file;  // names
    int64_t done_bytes;        // of this file
    int64_t total_bytes;       // 0 when unknown
};

// Called several times a second by the thread that is in relief_models_get(). Not 0 ends it, and
// it returns RELIEF_E_CANCELLED; what came so far is kept, and the next call goes on from there.
typedef int (*relief_download_fn)(void *user, const struct relief_download *download);

// Fills at most `capacity` entries; *count is how many there are. Fails with RELIEF_E_MODEL when a
// registry cannot be read.
RELIEF_API RELIEF_MUST_USE enum relief_status
relief_models(struct relief_context *ctx, struct relief_model_info *models, size_t capacity,
              size_t *count, struct relief_error *err);

// One of them by name. Fails with RELIEF_E_MODEL, and names the nearest.
RELIEF_API RELIEF_MUST_USE enum relief_status
relief_models_find(struct relief_context *ctx, const char *name, struct relief_model_info *model,
                   struct relief_error *err);

// Download what is missing, check it, and give it its name. Blocks. `progress` may be NULL. Fails
// with RELIEF_E_MODEL (no such model, server or network, another process at it, wrong file),
// RELIEF_E_OUTPUT (no room, cannot be written) or RELIEF_E_CANCELLED.
RELIEF_API RELIEF_MUST_USE enum relief_status
relief_models_get(struct relief_context *ctx, const char *name, relief_download_fn progress,
                  void *user, struct relief_error *err);

// Read all files from start to end and compare them with their checksums. Fails with RELIEF_E_MODEL
// when one is missing or another than it was.
RELIEF_API RELIEF_MUST_USE enum relief_status
relief_models_check(struct relief_context *ctx, const char *name, struct relief_error *err);

// Delete the files, and what was recorded of them. Fails with RELIEF_E_ARGUMENT for the built-in
// model, RELIEF_E_MODEL while another process downloads, RELIEF_E_OUTPUT when a file stays.
RELIEF_API RELIEF_MUST_USE enum relief_status
relief_models_remove(struct relief_context *ctx, const char *name, struct relief_error *err);

// ---------------------------------------------------------------------------------------------
// Devices

struct relief_device {
    char name[64];     // as `device` takes it: "cpu", "gpu", "dummy"
    char detail[192];  // "OpenVINO 2026.4: AMD EPYC", or why it cannot be used
    int usable;        // 1 when a network can run on it
};

// Fills at most `capacity` entries and returns how many devices and engines there are. Loads the
// engines' libraries; may take a second. Any thread.
RELIEF_API size_t relief_devices(struct relief_context *ctx, struct relief_device *devices,
                                 size_t capacity);

#ifdef __cplusplus
}
#endif

#endif
