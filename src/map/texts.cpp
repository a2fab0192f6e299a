// SPDX-License-Identifier: Apache-2.0
#include "map/texts.h"

#include <array>
#include <cstdlib>

namespace gancho {
namespace {

constexpr std::array<SubsystemText, k_subsystems> k_subsystem_texts{{
    {.title = {"system calls", "llamadas"},
     .says =
         {"The gate between programs and the kernel: whatever a program wants that it cannot do "
          "by itself, from reading a file to starting another program, it asks for with a "
          "system call. The kernel looks at who is asking, decides whether it may, and hands "
          "the call on to the subsystem that does the work.",
          "La puerta entre los programas y el núcleo: todo lo que un programa no puede hacer por "
          "sí mismo, desde leer un fichero hasta arrancar otro programa, lo pide con una llamada "
          "al sistema. El núcleo mira quién lo pide, decide si se le permite y pasa la llamada "
          "al subsistema que hace el trabajo."},
     .example = {"which system calls the machine makes, how long they take and which fail",
                 "qué llamadas al sistema se hacen, cuánto tardan y cuáles fallan"},
     .command = "gancho stat syscalls --for 10s"},
    {.title = {"processes", "procesos"},
     .says =
         {"Starts and ends processes, shares the processors out among those that want to run, "
          "and wakes them when what they were waiting for has happened. It also knows who each "
          "process is (its user, its rights, its group, its container) and carries the signals "
          "and messages that processes send one another.",
          "Crea y termina los procesos, reparte los procesadores entre los que quieren ejecutarse "
          "y los despierta cuando ocurre lo que esperaban. También sabe quién es cada proceso (su "
          "usuario, sus permisos, su grupo, su contenedor) y lleva las señales y los mensajes "
          "que se mandan unos a otros."},
     .example = {"each program that is started, by whom, and how it ends",
                 "cada programa que arranca, quién lo arranca y cómo termina"},
     .command = "gancho watch exec exit"},
    {.title = {"memory", "memoria"},
     .says =
         {"Gives each process the illusion of a memory of its own, and decides which pages of "
          "real memory stand behind it at any moment. When memory runs short it takes back what "
          "can be had again, writes the rest to disk, and as a last resort kills a process.",
          "Da a cada proceso la ilusión de tener una memoria propia y decide qué páginas de la "
          "memoria real hay detrás en cada momento. Cuando la memoria escasea recupera lo que se "
          "puede volver a obtener, escribe el resto en disco y, como último recurso, mata un "
          "proceso."},
     .example = {"memory that programs make executable",
                 "la memoria que los programas hacen ejecutable"},
     .command = "gancho watch memory_exec"},
    {.title = {"file systems", "ficheros"},
     .says =
         {"Makes one tree of names out of disks, networks and the kernel's own information, so "
          "that a program opens, reads and writes all of it in the same way. Behind it stand the "
          "file systems, each of which knows how to keep files in its own manner: ext4 and xfs on "
          "a disk, tmpfs in memory, nfs on another machine.",
          "Hace un único árbol de nombres con los discos, la red y la información del propio "
          "núcleo, de modo que un programa abre, lee y escribe todo de la misma manera. Detrás "
          "están los sistemas de ficheros, y cada uno sabe guardar los ficheros a su modo: ext4 y "
          "xfs en un disco, tmpfs en memoria, nfs en otra máquina."},
     .example = {"which files are opened, renamed and removed, and by whom",
                 "qué ficheros se abren, se renombran y se borran, y quién lo hace"},
     .command = "gancho watch files"},
    {.title = {"block devices", "bloques"},
     .says =
         {"Takes from the file systems requests to read or write blocks of a disk, puts them "
          "together, in order and in queues, and hands them to the disk's driver. Here it is "
          "decided whose request goes first when several want the same disk.",
          "Recibe de los sistemas de ficheros las peticiones de leer o escribir bloques de un "
          "disco, las junta, las ordena, las pone en colas y se las entrega al controlador del "
          "disco. Aquí se decide qué petición va primero cuando varios quieren el mismo disco."},
     .example = {"how large the requests are, disk by disk",
                 "de qué tamaño son las peticiones, disco por disco"},
     .command = "bpftrace -e 't:block:block_rq_issue { @[args->dev] = hist(args->bytes); }'"},
    {.title = {"drivers", "controladores"},
     .says =
         {"Each kind of device has a driver, the only code that knows how to talk to it; it turns "
          "the wishes of the rest of the kernel into what the device understands. Devices answer "
          "with interrupts, which stop a processor in whatever it is doing, so here is also where "
          "the time goes that belongs to nobody.",
          "Cada tipo de dispositivo tiene un controlador, el único código que sabe hablar con él; "
          "traduce lo que quiere el resto del núcleo a lo que el dispositivo entiende. Los "
          "dispositivos contestan con interrupciones, que paran al procesador en lo que esté "
          "haciendo, y por eso aquí se va también el tiempo que no es de nadie."},
     .example = {"how often each interrupt is handled",
                 "cuántas veces se atiende cada interrupción"},
     .command = "bpftrace -e 't:irq:irq_handler_entry { @[str(args->name)] = count(); }'"},
    {.title = {"network", "red"},
     .says =
         {"Turns what programs write into sockets into packets, and packets that arrive into what "
          "they read; in between are the protocols, such as TCP and IP, the rules of the firewall "
          "and the queues. A packet can be looked at and dropped at every station of its way, "
          "first of all in the driver of the network card.",
          "Convierte en paquetes lo que los programas escriben en sus sockets, y los paquetes que "
          "llegan en lo que los programas leen; en medio están los protocolos, como TCP e IP, las "
          "reglas del cortafuegos y las colas. Un paquete se puede mirar y descartar en cada "
          "estación de su camino, y la primera es el controlador de la tarjeta de red."},
     .example = {"who connects to whom, and who waits for connections",
                 "quién se conecta con quién y quién espera conexiones"},
     .command = "gancho watch network"},
    {.title = {"kernel core", "base del núcleo"},
     .says =
         {"What all of the subsystems stand on: locks, lists and trees, cryptography, and the "
          "machinery for tracing and for BPF itself. It belongs to none of the seven, and hooks "
          "in it run very often.",
          "Aquello en lo que se apoyan todos los subsistemas: cerrojos, listas y árboles, "
          "criptografía y la maquinaria de traza y del propio BPF. No es de ninguno de los siete, "
          "y los ganchos que se ponen aquí se ejecutan muy a menudo."},
     .example = {"where the kernel waits for locks", "dónde espera cerrojos el núcleo"},
     .command = "bpftrace -e 'tracepoint:lock:contention_begin { @[kstack(5)] = count(); }'"},
    {.title = {"not assigned", "sin asignar"},
     .says =
         {"Names that say nothing of where they belong. No rule of ours speaks of them, and their "
          "neighbours in the kernel do not agree.",
          "Nombres que no dicen de dónde son. Ninguna de nuestras reglas habla de ellos, y sus "
          "vecinos en el núcleo no están de acuerdo."},
     .example = {"their names", "sus nombres"},
     .command = "gancho map unknown --names"},
}};

struct CountText {
  Text label;
  Text meaning;
};

constexpr std::array<CountText, k_counts> k_count_texts{{
    {{"calls", "llamadas"}, {"system calls that it serves", "llamadas al sistema que atiende"}},
    {{"tracepoints", "tracepoints"},
     {"places that the kernel's authors have marked, with arguments that have names",
      "puntos que han marcado los autores del núcleo, con argumentos con nombre"}},
    {{"raw tracep.", "tracep. raw"},
     {"the same and some more, with the arguments as the kernel passes them",
      "los mismos y algunos más, con los argumentos tal como los pasa el núcleo"}},
    {{"BTF tracep.", "tracep. BTF"},
     {"the same, with the kernel's types for the arguments",
      "los mismos, con los tipos del núcleo para los argumentos"}},
    {{"LSM hooks", "ganchos LSM"},
     {"questions whether an operation may be done; a program can say no",
      "preguntas de si una operación se permite; un programa puede decir que no"}},
    {{"functions", "funciones"}, {"all functions of the kernel", "todas las funciones del núcleo"}},
    {{"fentry", "fentry"},
     {"functions whose entry and return can be hooked with typed arguments (fentry, fexit)",
      "funciones en cuya entrada y salida se puede enganchar con argumentos con tipo"}},
    {{"kprobe", "kprobe"},
     {"functions whose entry and return can be hooked with registers as arguments",
      "funciones en cuya entrada y salida se puede enganchar viendo los registros"}},
    {{"refused", "vedadas"},
     {"functions that take neither", "funciones que no admiten ni lo uno ni lo otro"}},
    {{"iterators", "iteradores"},
     {"lists of the kernel's objects that a program can walk",
      "listas de objetos del núcleo que un programa puede recorrer"}},
    {{"kfuncs", "kfuncs"},
     {"functions that programs can call", "funciones a las que pueden llamar los programas"}},
    {{"struct_ops", "struct_ops"},
     {"parts of the kernel that programs can be put in place of",
      "partes del núcleo que se pueden sustituir por programas"}},
    {{"cgroup", "cgroup"},
     {"what can be decided for all processes of a cgroup",
      "lo que se puede decidir para todos los procesos de un cgroup"}},
    {{"interfaces", "interfaces"},
     {"places at network interfaces: XDP, tc, tcx, netkit",
      "puntos en las interfaces de red: XDP, tc, tcx, netkit"}},
    {{"netfilter", "netfilter"}, {"stations of the firewall", "estaciones del cortafuegos"}},
    {{"perf events", "ev. perf"},
     {"counters that run a program each so many times",
      "contadores que ejecutan un programa cada cierto número de veces"}},
}};

constexpr std::array<Text, 8> k_gap_texts{{
    {"types: no /sys/kernel/btf/vmlinux; use a kernel with CONFIG_DEBUG_INFO_BTF",
     "tipos: no hay /sys/kernel/btf/vmlinux; use un núcleo con CONFIG_DEBUG_INFO_BTF"},
    {"functions and system calls: /proc/kallsyms cannot be read",
     "funciones y llamadas: no se puede leer /proc/kallsyms"},
    {"tracepoints: tracefs cannot be read; run it as root",
     "tracepoints: no se puede leer tracefs; ejecútelo como root"},
    {"which functions take fentry and kprobes: tracefs does not tell "
     "(available_filter_functions)",
     "qué funciones admiten fentry y kprobe: tracefs no lo dice (available_filter_functions)"},
    {"functions forbidden to kprobes: debugfs cannot be read; run it as root",
     "funciones vedadas a kprobe: no se puede leer debugfs; ejecútelo como root"},
    {"kprobes: this kernel is built without them",
     "kprobes: este núcleo se ha compilado sin ellos"},
    {"programs at LSM hooks never run: bpf is not among the active security modules; boot with it "
     "in lsm=",
     "los programas en ganchos LSM no se ejecutan nunca: bpf no está entre los módulos de "
     "seguridad "
     "activos; arranque con él en lsm="},
    {"what is attached now: only root may see it (sudo gancho map)",
     "qué está enganchado ahora: solo root puede verlo (sudo gancho map)"},
}};

constexpr std::array<Text, k_place_kinds> k_kind_texts{{
    {"a system call: a program asks the kernel for something",
     "una llamada al sistema: un programa pide algo al núcleo"},
    {"a tracepoint: a place that the kernel's authors have marked, whose arguments stay the same "
     "from one kernel to the next",
     "un tracepoint: un punto que han marcado los autores del núcleo y cuyos argumentos se "
     "mantienen "
     "de un núcleo a otro"},
    {"a raw tracepoint: a tracepoint, with the arguments as the kernel passes them",
     "un tracepoint raw: un tracepoint, con los argumentos tal como los pasa el núcleo"},
    {"a BTF tracepoint: a tracepoint, with the kernel's types for the arguments",
     "un tracepoint BTF: un tracepoint, con los tipos del núcleo para los argumentos"},
    {"an LSM hook: the kernel asks whether an operation may be done",
     "un gancho LSM: el núcleo pregunta si una operación se permite"},
    {"a kernel function; it may look different, or be gone, in another kernel",
     "una función del núcleo; en otro núcleo puede ser distinta o no existir"},
    {"an iterator: a program is called for each of the objects that it lists",
     "un iterador: se llama a un programa por cada uno de los objetos que enumera"},
    {"a kfunc: a function of the kernel that a program can call",
     "una kfunc: una función del núcleo a la que puede llamar un programa"},
    {"a struct_ops: functions of the kernel that a program can be put in place of",
     "un struct_ops: funciones del núcleo que un programa puede sustituir"},
    {"an attach type of cgroups: a program decides for all processes of a cgroup",
     "un tipo de enganche de cgroup: un programa decide para todos los procesos de un cgroup"},
    {"XDP: a program sees each packet that arrives before the kernel has made anything of it",
     "XDP: un programa ve cada paquete que llega antes de que el núcleo haga nada con él"},
    {"tc: a program as a classifier of traffic control sees each packet",
     "tc: un programa ve cada paquete como clasificador del control de tráfico"},
    {"tcx: a program sees each packet at traffic control, attached by a link (Linux 6.6)",
     "tcx: un programa ve cada paquete en el control de tráfico, enganchado con un link (Linux "
     "6.6)"},
    {"netkit: a program decides for each packet between a container and the machine (Linux 6.7)",
     "netkit: un programa decide sobre cada paquete entre un contenedor y la máquina (Linux 6.7)"},
    {"a station of the firewall: a program accepts or drops the packets that pass",
     "una estación del cortafuegos: un programa acepta o descarta los paquetes que pasan"},
    {"a perf event: a program runs each time the counter has gone so far",
     "un evento perf: se ejecuta un programa cada vez que el contador avanza cierto número"},
}};

}  // namespace

Language language_of(const char* lc_all, const char* lc_messages, const char* lang) {
  for (const char* value : {lc_all, lc_messages, lang}) {
    if (value == nullptr || *value == '\0') continue;
    const std::string_view name(value);
    const bool spanish = name.starts_with("es") &&
                         (name.size() == 2 || name[2] == '_' || name[2] == '.' || name[2] == '@');
    return spanish ? Language::spanish : Language::english;
  }
  return Language::english;
}

Language language_of_environment() {
  return language_of(std::getenv("LC_ALL"), std::getenv("LC_MESSAGES"), std::getenv("LANG"));
}

const SubsystemText& text_of(Subsystem subsystem) {
  return k_subsystem_texts[static_cast<std::size_t>(subsystem)];
}
Text text_of(Count count) {
  return k_count_texts[static_cast<std::size_t>(count)].label;
}
Text meaning_of(Count count) {
  return k_count_texts[static_cast<std::size_t>(count)].meaning;
}
Text text_of(Gap gap) {
  return k_gap_texts[static_cast<std::size_t>(gap)];
}
Text text_of(PlaceKind kind) {
  return k_kind_texts[static_cast<std::size_t>(kind)];
}

}  // namespace gancho
