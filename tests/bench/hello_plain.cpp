// Ceiling for `make bench`: libfcgi as its manual shows it, N threads in FCGX_Accept_r, nothing else.
// usage: hello_plain SOCKET [THREADS]                                   SPDX-License-Identifier: Apache-2.0
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fcgiapp.h>
#include <thread>
#include <vector>

namespace {

void work(int descriptor) {
    FCGX_Request request;
    FCGX_InitRequest(&request, descriptor, 0);
    while (FCGX_Accept_r(&request) >= 0) {
        FCGX_PutS("Status: 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 6\r\n\r\nhello\n",
                  request.out);
        FCGX_Finish_r(&request);
    }
}

} // namespace

int main(int argc, char** argv) {
    constexpr int backlog = 1024;
    if (argc < 2 || FCGX_Init() != 0) {
        std::fputs("usage: hello_plain SOCKET [THREADS]\n", stderr);
        return 64;
    }
    std::signal(SIGTERM, SIG_DFL); // libfcgi took it, and its threads would never notice
    const int descriptor = FCGX_OpenSocket(argv[1], backlog);
    if (descriptor < 0)
        return 69;
    std::vector<std::thread> threads;
    const int count = argc > 2 ? std::atoi(argv[2]) : 8; // NOLINT(cert-err34-c)
    for (int i = 0; i < count; ++i)
        threads.emplace_back([descriptor] { work(descriptor); });
    for (auto& thread : threads)
        thread.join();
}
